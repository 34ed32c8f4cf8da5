import type { VideoCodec } from '../../core/media/codec/video-config.ts'
import { type VideoTagFields, videoTagOf } from '../../core/media/flv-video.ts'

/** One packet of the picture, as an FLV tag for transcoders. */
export interface VideoUnit {
  packet: 'config' | 'keyframe' | 'frame'
  codec: VideoCodec
  tag: Buffer
}

/** Returns the unit of a packet. `tag` is the message itself if it can be forwarded unchanged. */
export const unitOf = (fields: VideoTagFields, tag = videoTagOf(fields)): VideoUnit => ({
  packet: fields.packet,
  codec: fields.codec,
  tag,
})
