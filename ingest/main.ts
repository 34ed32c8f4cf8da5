import { runRole } from '../core/process/role.ts'
import { readIngestSettings } from './settings.ts'
import { startIngest } from './start.ts'

process.exit(await runRole('ingest', readIngestSettings, startIngest))
