import { runRole } from '../../core/process/role.ts'
import { readWorkerSettings } from '../worker-pool/settings.ts'
import { startWorker, type WorkerSettings } from './start.ts'

process.exit(await runRole('edge', () => readWorkerSettings<WorkerSettings>(), startWorker))
