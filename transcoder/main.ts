import { setFlagsFromString } from 'node:v8'
import { runRole } from '../core/role.ts'
import { readTranscoderSettings } from './settings.ts'
import { startTranscoder } from './transcoder.ts'

// Media lies outside the heap of V8, which by default collects all its garbage for every 64 MB that came and went there.
// Counted with the heap, far fewer collections are enough.
setFlagsFromString('--external-memory-accounted-in-global-limit')

process.exit(await runRole('transcoder', readTranscoderSettings, startTranscoder))
