import { tagHeaderBytes } from './flv-tag.ts'
import type { VideoSource } from './source.ts'

/**
 * What a video message is. `config`: the codec header; `aside`: nothing that decoders need (end of sequence,
 * colour information); `malformed`: shorter than its own header.
 */
export type VideoPacket = 'config' | 'keyframe' | 'frame' | 'aside' | 'malformed'

/** Bytes before the codec header or the frame, the same in the old form (annex E.4.3) and in enhanced RTMP for `config`. */
export const videoPacketHeaderBytes = 5

const keyFrame = 1
const commandFrame = 5
const avcCodec = 7
/** Bit that tells enhanced RTMP ("ExVideoTagHeader") from the old form. */
const enhancedBit = 0x80

const fourCcs = new Map<number, VideoSource['codec']>([
  [0x61766331, 'h264'], // avc1
  [0x68766331, 'hevc'], // hvc1
  [0x61763031, 'av1'], // av01
  [0x76703039, 'vp9'], // vp09
])

/** Packet types of enhanced RTMP. */
const sequenceStart = 0
const codedFrames = 1
const codedFramesX = 3

/** Whether a video tag has the form of enhanced RTMP (Veovera, version 1), which old readers of FLV do not know. */
export function isEnhancedVideo(tag: Buffer): boolean {
  return ((tag[tagHeaderBytes] ?? 0) & enhancedBit) !== 0
}

/** The codec of a video tag; `other` for those of the Flash years, and for several tracks in one. */
export function videoCodecOf(tag: Buffer): VideoSource['codec'] {
  const first = tag[tagHeaderBytes] ?? 0
  if ((first & enhancedBit) === 0) return (first & 0x0f) === avcCodec ? 'h264' : 'other'
  const multitrack = (first & 0x0f) > 5
  return (multitrack ? undefined : fourCcs.get(tag.readUInt32BE(tagHeaderBytes + 1))) ?? 'other'
}

/** What stands in a video tag. */
export function videoPacketOf(tag: Buffer, length: number): VideoPacket {
  if (length < videoPacketHeaderBytes) return length === 0 ? 'aside' : shortPacket(tag)
  const first = tag[tagHeaderBytes] ?? 0
  const enhanced = (first & enhancedBit) !== 0
  const frameType = enhanced ? (first >> 4) & 7 : first >> 4
  if (frameType === commandFrame) return 'aside'
  const packetType = enhanced ? first & 0x0f : (tag[tagHeaderBytes + 1] ?? 0)
  if (packetType === sequenceStart) return 'config'
  const coded = packetType === codedFrames || (enhanced && packetType === codedFramesX)
  if (!coded) return 'aside'
  return frameType === keyFrame ? 'keyframe' : 'frame'
}

/** Commands of the old form are two bytes long. */
function shortPacket(tag: Buffer): VideoPacket {
  return (tag[tagHeaderBytes] ?? 0) >> 4 === commandFrame ? 'aside' : 'malformed'
}
