import { describeAac } from './movie-writer.ts'
import { silentFrame } from './silent-frame.ts'

/** AudioSpecificConfig of AAC-LC, 48 kHz, stereo (ISO/IEC 14496-3 1.6.2.1). */
const stereoAac = Buffer.from([0x11, 0x90])

/** Track of encoded audio, and of silence for a source without audio. */
export const stereoTrack = describeAac(stereoAac)

export const stereoSilence = () => silentFrame(stereoTrack.track.config) as Buffer
