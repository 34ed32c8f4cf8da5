import type { VideoCodec } from '../../core/media/codec/video-config.ts'
import { type VideoTagFields, videoTagOf } from '../../core/media/flv-video.ts'

/** One packet of the picture, in the format for transcoders. */
export interface VideoUnit {
  packet: 'config' | 'keyframe' | 'frame'
  codec: VideoCodec
  tag: Buffer
}

/** The unit of a packet. `tag` is given where the message itself can be forwarded. */
export const unitOf = (fields: VideoTagFields, tag = videoTagOf(fields)): VideoUnit => ({
  packet: fields.packet,
  codec: fields.codec,
  tag,
})
