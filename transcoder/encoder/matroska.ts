import type { AudioCodec } from '../../core/media/codec/audio-format.ts'
import type { VideoCodec } from '../../core/media/codec/video-config.ts'

/**
 * Writes Matroska (RFC 9559) with one track and a cluster per frame, for codecs that older versions of ffmpeg
 * cannot read from FLV.
 */

const id = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  audio: 0xe1,
  samplingFrequency: 0xb5,
  channels: 0x9f,
  cluster: 0x1f43b675,
  clusterTimestamp: 0xe7,
  simpleBlock: 0xa3,
} as const

const trackNumber = 1
const [videoType, audioType] = [1, 2]
const keyframeFlag = 0x80
/** Length of a tick, ns: one millisecond, so that times need no conversion. */
const timestampScaleNs = 1_000_000
/** Size field of the segment, whose size is unknown because it grows (RFC 8794 section 6.2). */
const unknownSize = Buffer.from('01ffffffffffffff', 'hex')

const codecIds: Record<VideoCodec | AudioCodec, string> = {
  h264: 'V_MPEG4/ISO/AVC',
  hevc: 'V_MPEGH/ISO/HEVC',
  av1: 'V_AV1',
  vp9: 'V_VP9',
  aac: 'A_AAC',
  mp3: 'A_MPEG/L3',
  opus: 'A_OPUS',
}

export interface MatroskaTrack {
  codec: VideoCodec | AudioCodec
  /** Configuration record; empty for a codec that has none. */
  record: Buffer
  video?: { width: number; height: number }
  audio?: { sampleRate: number; channels: number }
}

/** Returns the bytes before the first cluster: the EBML header, and the start of a segment with its track. */
export function matroskaHeader({ codec, record, video, audio }: MatroskaTrack): Buffer {
  const entry = element(
    id.trackEntry,
    number(id.trackNumber, trackNumber),
    number(id.trackUid, trackNumber),
    number(id.trackType, video ? videoType : audioType),
    element(id.codecId, Buffer.from(codecIds[codec])),
    ...(record.length > 0 ? [element(id.codecPrivate, record)] : []),
    ...(video
      ? [element(id.video, number(id.pixelWidth, video.width), number(id.pixelHeight, video.height))]
      : []),
    ...(audio
      ? [
          element(
            id.audio,
            float(id.samplingFrequency, audio.sampleRate),
            number(id.channels, audio.channels),
          ),
        ]
      : []),
  )
  return Buffer.concat([
    element(
      id.ebml,
      element(id.docType, Buffer.from('matroska')),
      number(id.docTypeVersion, 4),
      number(id.docTypeReadVersion, 2),
    ),
    idBytes(id.segment),
    unknownSize,
    element(id.info, number(id.timestampScale, timestampScaleNs)),
    element(id.tracks, entry),
  ])
}

/** Returns a cluster with one frame. Matroska has no times below 0, so such a frame is presented at 0. */
export function matroskaFrame(shownAtMs: number, isKeyframe: boolean, frame: Buffer): Buffer {
  const block = Buffer.from([0x80 | trackNumber, 0, 0, isKeyframe ? keyframeFlag : 0])
  return element(
    id.cluster,
    number(id.clusterTimestamp, Math.max(0, shownAtMs)),
    element(id.simpleBlock, block, frame),
  )
}

function idBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0))
}

function element(elementId: number, ...content: readonly Buffer[]): Buffer {
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(0x01n << 56n)
  size.writeUIntBE(
    content.reduce((sum, each) => sum + each.length, 0),
    2,
    6,
  )
  return Buffer.concat([idBytes(elementId), size, ...content])
}

function number(elementId: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return element(elementId, bytes)
}

function float(elementId: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return element(elementId, bytes)
}
