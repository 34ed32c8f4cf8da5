import { payloadOf } from '../../core/media/flv-tag.ts'
import { videoCodecOf, videoHeaderBytes } from '../../core/media/flv-video.ts'
import { messageOf } from '../../core/process/errors.ts'
import { parseAv1Config } from './av1-config.ts'
import { parseAvcConfig } from './avc-config.ts'
import { parseHevcConfig } from './hevc-config.ts'
import { UnsupportedMedia } from './unsupported-media.ts'
import type { VideoFormat } from './video-format.ts'
import { parseVp9Config, parseVp9KeyframeSize } from './vp9-config.ts'

const parsers = { h264: parseAvcConfig, hevc: parseHevcConfig, av1: parseAv1Config, vp9: parseVp9Config }

const contentOf = (tag: Buffer) => payloadOf(tag).subarray(videoHeaderBytes)

/** Parses the codec header in a video tag. @throws UnsupportedMedia when it cannot be parsed. */
export function parseVideoConfig(tag: Buffer): VideoFormat {
  const codec = videoCodecOf(tag)
  if (codec === 'other') throw new UnsupportedMedia('This video codec is not supported.')
  try {
    return parsers[codec](contentOf(tag))
  } catch (error) {
    throw new UnsupportedMedia(
      `The header of the ${codec.toUpperCase()} video cannot be read: ${messageOf(error)}.`,
    )
  }
}

/**
 * Adds to the format what only a keyframe reveals: the picture size of VP9.
 * @throws UnsupportedMedia when the keyframe cannot be parsed.
 */
export function withKeyframe(format: VideoFormat, tag: Buffer): VideoFormat {
  if (format.width > 0 || format.codec !== 'vp9') return format
  try {
    return { ...format, ...parseVp9KeyframeSize(contentOf(tag)) }
  } catch (error) {
    throw new UnsupportedMedia(`The VP9 video cannot be read: ${messageOf(error)}.`)
  }
}
