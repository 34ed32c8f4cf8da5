import { setFlagsFromString } from 'node:v8'
import { runRole } from '../core/role.ts'
import { readTranscoderSettings } from './settings.ts'
import { startTranscoder } from './transcoder.ts'

// Media lies outside the heap of V8, which by default collects all its garbage for every 64 MB that came and went there.
// Counted with the heap, far fewer collections are enough.
setFlagsFromString('--external-memory-accounted-in-global-limit')
// A collection walks all that lives, mostly code, to free media that came and went: 25 MB of it if V8 decides.
// As much garbage as there is alive may wait: fewer collections, and an eighth less CPU.
setFlagsFromString('--heap-growing-percent=100')

process.exit(await runRole('transcoder', readTranscoderSettings, startTranscoder))
