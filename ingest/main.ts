import { setFlagsFromString } from 'node:v8'
import { runRole } from '../core/role.ts'
import { readIngestSettings } from './settings.ts'
import { startIngest } from './start.ts'

// Media lies outside the heap of V8, which by default collects all its garbage for every 64 MB that came and went there:
// twice a second at 20 streams, for more than half of the CPU. Counted with the heap, a hundredth of that is enough.
setFlagsFromString('--external-memory-accounted-in-global-limit')

process.exit(await runRole('ingest', readIngestSettings, startIngest))
