import { runRole } from '../core/role.ts'
import { readIngestSettings } from './settings.ts'
import { startIngest } from './start.ts'

const settings = readIngestSettings()
process.exit(await runRole('ingest', settings.logLevel, (log) => startIngest(log, settings)))
