import type { AacConfig } from '../../../core/media/codec/aac.ts'
import { MediaError } from './media-error.ts'
import { describeAac } from './movie-writer.ts'
import { silentFrame } from './silent-frame.ts'

/** AAC-LC, 48 kHz, stereo (ISO/IEC 14496-3 1.6.2.1). */
const silentAac = Buffer.from([0x11, 0x90])

/** The track that is made for a source without audio, and its init segment. */
export const { track: silentTrack, init: silentInit } = describeAac(silentAac)

/** Payload of every sample of the silent track. */
export const silentPayload = requireFrame(silentTrack.config)

function requireFrame(config: AacConfig): Buffer {
  const frame = silentFrame(config)
  if (!frame) throw new MediaError('there is no silent frame for the silent track')
  return frame
}
