import { payloadOf } from '../../core/media/flv-tag.ts'
import { videoCodecOf, videoPacketHeaderBytes } from '../../core/media/flv-video.ts'
import { messageOf } from '../../core/process/errors.ts'
import { parseAv1Config } from './av1-config.ts'
import { parseAvcConfig } from './avc-config.ts'
import { parseHevcConfig } from './hevc-config.ts'
import { UnsupportedMedia } from './unsupported-media.ts'
import type { VideoFormat } from './video-format.ts'
import { parseVp9Config, vp9KeyframeSize } from './vp9-config.ts'

const parsers = { h264: parseAvcConfig, hevc: parseHevcConfig, av1: parseAv1Config, vp9: parseVp9Config }

/** Reads the codec header in a video tag. @throws UnsupportedMedia when it cannot be read. */
export function parseVideoConfig(tag: Buffer): VideoFormat {
  const codec = videoCodecOf(tag)
  if (codec === 'other') throw new UnsupportedMedia('This video codec is not supported.')
  try {
    return parsers[codec](payloadOf(tag).subarray(videoPacketHeaderBytes))
  } catch (error) {
    throw new UnsupportedMedia(
      `The header of the ${codec.toUpperCase()} video cannot be read: ${messageOf(error)}.`,
    )
  }
}

/** The form with what only a keyframe tells: the size of VP9. @throws UnsupportedMedia when it cannot be read. */
export function completedByKeyframe(format: VideoFormat, tag: Buffer): VideoFormat {
  if (format.width > 0 || format.codec !== 'vp9') return format
  try {
    return { ...format, ...vp9KeyframeSize(payloadOf(tag).subarray(videoPacketHeaderBytes)) }
  } catch (error) {
    throw new UnsupportedMedia(`The VP9 video cannot be read: ${messageOf(error)}.`)
  }
}
