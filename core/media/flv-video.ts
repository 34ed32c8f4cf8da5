import { tagHeaderBytes } from './flv-tag.ts'
import type { VideoSource } from './source.ts'

/**
 * Payloads of video tags, in the format of FLV 10.1 (annex E.4.3) or in that of enhanced RTMP (Veovera,
 * version 1), which adds HEVC, AV1 and VP9. `at` is the offset of the payload in `bytes`; by default `bytes`
 * is one tag.
 */

/**
 * Kind of a video packet. `config`: the codec header; `aside`: nothing that a decoder needs (end of sequence,
 * colour information); `malformed`: shorter than its own header.
 */
export type VideoPacket = 'config' | 'keyframe' | 'frame' | 'aside' | 'malformed'

/** Bytes before the codec header, in both formats, and before a frame of FLV 10.1. */
export const videoHeaderBytes = 5

/** Frame types (annex E.4.3.1). */
const keyFrame = 1
const commandFrame = 5

/** CodecID of H.264 (annex E.4.3.1). */
const avcCodec = 7
/** First bit of the payload in enhanced RTMP (`ExVideoTagHeader`). */
const enhancedBit = 0x80

const fourCcs = new Map<number, VideoSource['codec']>([
  [0x61766331, 'h264'], // avc1
  [0x68766331, 'hevc'], // hvc1
  [0x61763031, 'av1'], // av01
  [0x76703039, 'vp9'], // vp09
])

/** Packet types. The first two are the same in both formats. */
const sequenceStart = 0
const codedFrames = 1
/** Coded frames without a composition time; enhanced RTMP only. */
const codedFramesX = 3
/** Highest packet type of enhanced RTMP that has a single track. */
const lastSingleTrackType = 5

/** Whether the payload is in the format of enhanced RTMP, which older FLV demuxers cannot read. */
export function isEnhancedVideo(bytes: Buffer, at = tagHeaderBytes): boolean {
  return ((bytes[at] ?? 0) & enhancedBit) !== 0
}

/** Codec of a video packet. `other`: codecs of the Flash era, and several tracks in one packet. */
export function videoCodecOf(bytes: Buffer, at = tagHeaderBytes): VideoSource['codec'] {
  const first = bytes[at] ?? 0
  if ((first & enhancedBit) === 0) return (first & 0x0f) === avcCodec ? 'h264' : 'other'
  if ((first & 0x0f) > lastSingleTrackType) return 'other'
  return fourCcs.get(bytes.readUInt32BE(at + 1)) ?? 'other'
}

/** Kind of a video packet with a payload of `length` bytes. Reads two bytes at most. */
export function videoPacketOf(bytes: Buffer, length: number, at = tagHeaderBytes): VideoPacket {
  const first = bytes[at] ?? 0
  if (length < videoHeaderBytes) {
    // Commands of FLV 10.1 are two bytes long.
    return length === 0 || first >> 4 === commandFrame ? 'aside' : 'malformed'
  }
  const isEnhanced = (first & enhancedBit) !== 0
  const frameType = isEnhanced ? (first >> 4) & 7 : first >> 4
  if (frameType === commandFrame) return 'aside'
  const packetType = isEnhanced ? first & 0x0f : (bytes[at + 1] ?? 0)
  if (packetType === sequenceStart) return 'config'
  const isCoded = packetType === codedFrames || (isEnhanced && packetType === codedFramesX)
  if (!isCoded) return 'aside'
  return frameType === keyFrame ? 'keyframe' : 'frame'
}

/**
 * Time from decoding to presentation of a frame, ms. 0 in enhanced RTMP, where it is not among the first
 * bytes of every packet.
 */
export function compositionTimeOf(bytes: Buffer, at = tagHeaderBytes): number {
  const isAvcFrame = ((bytes[at] ?? 0) & (enhancedBit | 0x0f)) === avcCodec && bytes[at + 1] === codedFrames
  return isAvcFrame ? bytes.readIntBE(at + 2, 3) : 0
}
