import type { VideoCodec } from './codec/video-config.ts'
import { type EnhancedPacketType, enhancedVideo } from './enhanced-rtmp.ts'
import { payloadOf, tagHeaderBytes, tagOf, videoTag } from './flv-tag.ts'

/**
 * Video tags as ingest sends them to transcoders: H.264 in the format of FLV 10.1 (annex E.4.3), other codecs
 * in that of enhanced RTMP with one track. `at` is the offset of the payload in `bytes`; by default `bytes`
 * is one tag.
 */

/** Kind of a video packet. `config`: a codec header. `aside`: not for decoders. */
export type VideoPacket = 'config' | 'keyframe' | 'frame' | 'aside'

/** Values of the frame type (FLV specification 10.1, annex E.4.3.1). */
const [keyFrame, interFrame] = [1, 2]
/** CodecID of H.264 (FLV specification 10.1, annex E.4.3.1). */
const avcCodec = 7
/** First bit of a video payload of enhanced RTMP (`ExVideoTagHeader`). */
const enhancedBit = 0x80
/** Packet types, with the same values in both formats. `codedFramesX` exists in enhanced RTMP only. */
const [sequenceStart, codedFrames, codedFramesX] = [0, 1, 3]

const codecs = new Map<number, VideoCodec>([
  [0x61766331, 'h264'], // avc1
  [0x68766331, 'hevc'], // hvc1
  [0x61763031, 'av1'], // av01
  [0x76703039, 'vp9'], // vp09
])
export const fourCcs = { h264: 'avc1', hevc: 'hvc1', av1: 'av01', vp9: 'vp09' } as const

/** Whether coded frames of this codec have a composition time in enhanced RTMP. */
const hasCompositionTime = (codec: VideoCodec) => codec === 'h264' || codec === 'hevc'

export function isEnhancedVideo(bytes: Buffer, at = tagHeaderBytes): boolean {
  return ((bytes[at] ?? 0) & enhancedBit) !== 0
}

/** Returns the codec of a packet; `other` for codecs of the Flash era and unknown ones. */
export function videoCodecOf(bytes: Buffer, at = tagHeaderBytes): VideoCodec | 'other' {
  const first = bytes[at] ?? 0
  if ((first & enhancedBit) === 0) return (first & 0x0f) === avcCodec ? 'h264' : 'other'
  return codecs.get(bytes.readUInt32BE(at + 1)) ?? 'other'
}

/** Returns the kind of a packet. Reads only its first two bytes. */
export function videoPacketOf(bytes: Buffer, at = tagHeaderBytes): VideoPacket {
  const first = bytes[at] ?? 0
  const isEnhanced = (first & enhancedBit) !== 0
  const packetType = isEnhanced ? first & 0x0f : (bytes[at + 1] ?? 0)
  if (packetType === sequenceStart) return 'config'
  if (packetType !== codedFrames && !(isEnhanced && packetType === codedFramesX)) return 'aside'
  return ((first >> 4) & 7) === keyFrame ? 'keyframe' : 'frame'
}

/** Returns the length of the headers before the configuration record or sample in a tag, bytes. */
function videoHeaderLength(tag: Buffer): number {
  if (!isEnhancedVideo(tag)) return 5
  const codec = videoCodecOf(tag)
  const hasTime = ((tag[tagHeaderBytes] ?? 0) & 0x0f) === codedFrames
  return 5 + (hasTime && codec !== 'other' && hasCompositionTime(codec) ? 3 : 0)
}

/** Returns the configuration record or sample in a tag, as a view. */
export const videoBodyOf = (tag: Buffer) => payloadOf(tag).subarray(videoHeaderLength(tag))

/** Returns the time from decoding to presentation of the frame in a tag, ms; 0 when the tag has none. */
export function compositionTimeOf(tag: Buffer): number {
  if (!isEnhancedVideo(tag))
    return tag[tagHeaderBytes + 1] === codedFrames ? tag.readIntBE(tagHeaderBytes + 2, 3) : 0
  return videoHeaderLength(tag) === 8 ? tag.readIntBE(tagHeaderBytes + 5, 3) : 0
}

/** Sets the composition time, ms. A tag of enhanced RTMP without one is not changed. */
export function setCompositionTime(tag: Buffer, ms: number): void {
  if (!isEnhancedVideo(tag)) tag.writeIntBE(ms, tagHeaderBytes + 2, 3)
  else if (videoHeaderLength(tag) === 8) tag.writeIntBE(ms, tagHeaderBytes + 5, 3)
}

export interface VideoTagFields {
  codec: VideoCodec
  packet: 'config' | 'keyframe' | 'frame'
  /** Time from decoding to presentation, ms. Not written for codecs without it. */
  compositionTime: number
  /** Configuration record or sample. */
  body: Buffer
}

/** Builds a tag for a configuration record or a sample. Its timestamp is 0 until `sealTag`. */
export function videoTagOf({ codec, packet, compositionTime, body }: VideoTagFields): Buffer {
  const frameType = packet === 'frame' ? interFrame : keyFrame
  const time = Buffer.alloc(3)
  time.writeIntBE(compositionTime, 0, 3)
  if (codec === 'h264') {
    const head = [(frameType << 4) | avcCodec, packet === 'config' ? sequenceStart : codedFrames]
    return tagOf(videoTag, 0, Buffer.concat([Buffer.from(head), time, body]))
  }
  const isTimed = packet !== 'config' && hasCompositionTime(codec)
  const type: EnhancedPacketType =
    packet === 'config' ? 'sequenceStart' : isTimed ? 'codedFrames' : 'codedFramesX'
  const timedBody = isTimed ? Buffer.concat([time, body]) : body
  return tagOf(videoTag, 0, enhancedVideo({ fourCc: fourCcs[codec], type, frameType, body: timedBody }))
}
