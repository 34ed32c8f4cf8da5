import { runRole } from '../core/process/role.ts'
import { readTranscoderSettings } from './settings.ts'
import { startTranscoder } from './start.ts'

process.exit(await runRole('transcoder', readTranscoderSettings, startTranscoder))
