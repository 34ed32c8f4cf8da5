import { once } from 'node:events'
import { runRole } from '../../core/process/role.ts'
import { readWorkerSettings, type WorkerSecrets } from '../worker-pool/settings.ts'
import { startWorker, type WorkerSettings } from './start.ts'

const [secrets] = (await once(process, 'message')) as [WorkerSecrets]

process.exit(
  await runRole('edge', () => ({ ...readWorkerSettings<WorkerSettings>(), ...secrets }), startWorker),
)
