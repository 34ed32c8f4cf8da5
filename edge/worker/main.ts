import { runRole } from '../../core/process/role.ts'
import { readWorkerSettings } from './settings.ts'
import { startWorker } from './worker.ts'

process.exit(await runRole('edge', readWorkerSettings, startWorker))
