import { runRole } from '../core/process/role.ts'
import { startEdge } from './edge.ts'
import { readEdgeSettings } from './settings.ts'

process.exit(
  await runRole('edge', readEdgeSettings, (log, settings) =>
    startEdge(log, settings, () => process.memoryUsage.rss()),
  ),
)
