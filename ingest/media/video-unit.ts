import type { VideoCodec } from '../../core/media/codec/video-config.ts'
import { type VideoTagFields, videoTagOf } from '../../core/media/flv-video.ts'

/** One packet of the picture in the form that transcoders read. The timestamp of `tag` is not set yet. */
export interface VideoUnit {
  packet: 'config' | 'keyframe' | 'frame'
  codec: VideoCodec
  tag: Buffer
  /** Whether a keyframe is not an IDR picture, so that later frames may refer to earlier ones. */
  isOpen?: boolean
}

/**
 * Returns the unit of a packet. `tag` is the message itself, if it can be forwarded; otherwise a new tag is
 * made.
 */
export const unitOf = (fields: VideoTagFields, tag = videoTagOf(fields)): VideoUnit => ({
  packet: fields.packet,
  codec: fields.codec,
  tag,
})
