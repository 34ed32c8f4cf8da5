import { describeAac } from './movie-writer.ts'
import { silentFrame } from './silent-frame.ts'

/** AAC-LC, 48 kHz, stereo (ISO/IEC 14496-3 1.6.2.1). */
const stereoAac = Buffer.from([0x11, 0x90])

/** The track of silence that is made here, and of all sound that is encoded: AAC-LC, 48 kHz, stereo. */
export const stereoTrack = describeAac(stereoAac)

/** Returns a frame of silence for `stereoTrack`. */
export const stereoSilence = () => silentFrame(stereoTrack.track.config) as Buffer
