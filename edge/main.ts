import { runRole } from '../core/process/role.ts'
import { readEdgeSettings } from './settings.ts'
import { startEdge } from './start.ts'

process.exit(
  await runRole('edge', readEdgeSettings, (log, settings) =>
    startEdge(log, settings, () => process.memoryUsage.rss()),
  ),
)
