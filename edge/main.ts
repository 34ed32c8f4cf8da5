import { runRole } from '../core/role.ts'
import { startEdge } from './edge.ts'
import { readEdgeSettings } from './settings.ts'

const settings = readEdgeSettings()
process.exit(await runRole('edge', settings.logLevel, (log) => startEdge(log, settings)))
