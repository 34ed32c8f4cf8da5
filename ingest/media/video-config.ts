import { messageOf } from '../../core/errors.ts'
import { parseAvcConfig } from './avc-config.ts'
import { payloadOf } from './flv-tag.ts'
import { UnsupportedMedia } from './unsupported-media.ts'
import type { VideoFormat } from './video-format.ts'
import { videoCodecOf, videoPacketHeaderBytes } from './video-packet.ts'

/** Reads the codec header in a video tag. @throws UnsupportedMedia when it cannot be read. */
export function parseVideoConfig(tag: Buffer): VideoFormat {
  const codec = videoCodecOf(tag)
  const record = payloadOf(tag).subarray(videoPacketHeaderBytes)
  try {
    if (codec === 'h264') return parseAvcConfig(record)
    throw new RangeError('not known here')
  } catch (error) {
    throw new UnsupportedMedia(
      `The header of the ${codec.toUpperCase()} video cannot be read: ${messageOf(error)}.`,
    )
  }
}
