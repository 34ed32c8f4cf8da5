import { parseAv1Config } from './av1.ts'
import { parseAvcConfig } from './avc.ts'
import { parseHevcConfig } from './hevc.ts'
import type { VideoFormat } from './video-format.ts'
import { parseVp9Config, parseVp9KeyframeSize } from './vp9.ts'

const parsers = { h264: parseAvcConfig, hevc: parseHevcConfig, av1: parseAv1Config, vp9: parseVp9Config }

export type VideoCodec = keyof typeof parsers

/** Parses the configuration record of any codec. @throws RangeError when it is malformed */
export const parseVideoConfig = (codec: VideoCodec, record: Buffer): VideoFormat => parsers[codec](record)

/**
 * Returns the format with the picture size of VP9, which only a keyframe shows. Other formats stay as they
 * are. @throws RangeError when the VP9 keyframe is malformed
 */
export function withKeyframe(format: VideoFormat, sample: Buffer): VideoFormat {
  if (format.width > 0 || format.codec !== 'vp9') return format
  return { ...format, ...parseVp9KeyframeSize(sample) }
}
