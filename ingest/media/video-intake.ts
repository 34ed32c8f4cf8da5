import { avcRecordOf, parameterSetsOf } from '../../core/media/codec/avc.ts'
import {
  findParameterSets,
  hasStartCodes,
  nalLengthSize,
  type ParameterSets,
  withLengths,
} from '../../core/media/codec/avc-nal.ts'
import type { VideoCodec } from '../../core/media/codec/video-config.ts'
import { type EnhancedPacket, parseEnhanced } from '../../core/media/enhanced-rtmp.ts'
import { payloadOf } from '../../core/media/flv-tag.ts'
import {
  compositionTimeOf,
  fourCcs,
  isEnhancedVideo,
  type VideoTagFields,
  videoBodyOf,
  videoCodecOf,
  videoPacketOf,
  videoTagOf,
} from '../../core/media/flv-video.ts'
import { ExtraTracks, printable } from './extra-tracks.ts'
import { UnsupportedMedia } from './unsupported-media.ts'

/** One packet of the picture in the form that transcoders read. */
export interface VideoUnit {
  packet: 'config' | 'keyframe' | 'frame'
  codec: VideoCodec
  tag: Buffer
}

/** Frame type of a command frame, which contains no picture (FLV specification 10.1, annex E.4.3.1). */
const commandFrame = 5
/** Bytes before the body of an H.264 packet: frame type and codec, packet type, composition time. */
const avcHeaderBytes = 5
/** Number of frames without a codec header after which the owner of the channel is informed. */
const maxHeadlessFrames = 100

const codecsByFourCc = new Map<string, VideoCodec>(
  Object.entries(fourCcs).map(([codec, fourCc]) => [fourCc, codec as VideoCodec]),
)

/** Track number and name for messages without the header of enhanced RTMP, which have only one track. */
const plainTrack = { track: 0, fourCc: 'H.264' }

/**
 * Codecs that are refused, by CodecID (FLV specification 10.1, annex E.4.3.1; 12 is unofficial). The words go
 * to the encoder.
 */
const oldCodecs: Record<number, string> = {
  2: 'Sorenson H.263',
  3: 'screen video',
  4: 'VP6',
  5: 'VP6',
  6: 'screen video',
  12: 'HEVC outside of enhanced RTMP',
  13: 'AV1 outside of enhanced RTMP',
}

/**
 * Converts video messages of every form that encoders use into units: several tracks of enhanced RTMP, H.264
 * without a usable codec header, H.264 whose parameter sets change inside the stream or which has start
 * codes. Frames before a codec header are dropped, because they cannot be decoded.
 */
export class VideoIntake {
  readonly #tracks = new ExtraTracks('video', () => this.#forgetHeader())
  /** Codec of the newest codec header; undefined while there was none. */
  #codec: VideoCodec | undefined
  /**
   * Configuration record of H.264 in use, and the newest one of a codec header. Parameter sets inside the
   * stream replace only the first.
   */
  #avcRecord: Buffer | undefined
  #sentRecord: Buffer | undefined
  /** Number of frames that were dropped for lack of a codec header. */
  #headless = 0

  /** Descriptions of what is not forwarded, for the owner of the channel. */
  get ignoredTracks(): readonly string[] {
    const isHeadless = this.#codec === undefined && this.#headless > maxHeadlessFrames
    return isHeadless ? [...this.#tracks.ignored, 'video without a codec header'] : this.#tracks.ignored
  }

  /** Converts a message. Returns no unit for a malformed one. @throws UnsupportedMedia */
  read(tag: Buffer): VideoUnit[] {
    const payload = payloadOf(tag)
    if (payload.length === 0) return []
    if (isEnhancedVideo(tag)) return this.#readEnhanced(payload)
    const first = payload[0] ?? 0
    if (first >> 4 === commandFrame) return []
    if (videoCodecOf(tag) === 'other') throw unsupported(oldCodecs[first & 0x0f] ?? 'an unknown format')
    if (payload.length < avcHeaderBytes) return []
    const packet = videoPacketOf(tag)
    if (packet === 'aside' || !this.#tracks.isShown(plainTrack)) return []
    return this.#readAvc(
      { codec: 'h264', packet, compositionTime: compositionTimeOf(tag), body: videoBodyOf(tag) },
      tag,
    )
  }

  #readEnhanced(payload: Buffer): VideoUnit[] {
    return packetsOf(payload).flatMap((packet) => {
      if (!hasMedia(packet) || !this.#tracks.isShown(packet)) return []
      const codec = codecsByFourCc.get(packet.fourCc)
      if (codec === undefined) throw unsupported(JSON.stringify(printable(packet.fourCc)))
      const fields = fieldsOf(codec, packet)
      if (fields === undefined) return []
      return codec === 'h264' ? this.#readAvc(fields) : this.#readOther(fields)
    })
  }

  /** `tag` is the message itself if it can be forwarded as it is; undefined if a new tag must be made. */
  #readAvc(fields: VideoTagFields, tag?: Buffer): VideoUnit[] {
    if (fields.packet === 'config') return this.#readAvcRecord(fields, tag)
    const isAnnexB = hasStartCodes(fields.body)
    const body = isAnnexB ? withLengths(fields.body) : fields.body
    const config = fields.packet === 'keyframe' ? this.#readParameterSets(body) : []
    if (body.length === 0 || !this.#hasHeader('h264')) return config
    return [...config, unitOf({ ...fields, body }, isAnnexB ? undefined : tag)]
  }

  #readOther(fields: VideoTagFields): VideoUnit[] {
    if (fields.body.length === 0) return []
    if (fields.packet === 'config') this.#useCodec(fields.codec)
    else if (!this.#hasHeader(fields.codec)) return []
    return [unitOf(fields)]
  }

  #readAvcRecord(fields: VideoTagFields, tag: Buffer | undefined): VideoUnit[] {
    const { body } = fields
    if (hasStartCodes(body)) return this.#useParameterSets(findParameterSets(withLengths(body), 4))
    // Some encoders send an empty codec header, and the parameter sets before each keyframe.
    if (isWithoutSps(body)) return []
    // Some encoders repeat their first codec header. That must not undo newer parameter sets of the stream.
    if (this.#codec === 'h264' && this.#sentRecord?.equals(body)) return []
    this.#useCodec('h264')
    this.#sentRecord = body
    this.#avcRecord = body
    return [unitOf(fields, tag)]
  }

  /** Returns a new configuration record when the parameter sets in a keyframe differ from those in use. */
  #readParameterSets(sample: Buffer): VideoUnit[] {
    const known = this.#codec === 'h264' ? this.#avcRecord : undefined
    const found = findParameterSets(sample, known ? nalLengthSize(known) : 4)
    const [sps] = found.sps
    if (sps === undefined || (known && hasSps(known, sps))) return []
    return this.#useParameterSets(found)
  }

  #useParameterSets(found: ParameterSets): VideoUnit[] {
    const record = recordOf(found)
    if (record === undefined) return []
    this.#useCodec('h264')
    this.#avcRecord = record
    return [unitOf({ codec: 'h264', packet: 'config', compositionTime: 0, body: record })]
  }

  #useCodec(codec: VideoCodec) {
    if (codec !== this.#codec) this.#forgetHeader()
    this.#codec = codec
  }

  #hasHeader(codec: VideoCodec): boolean {
    const hasHeader = this.#codec === codec
    if (!hasHeader) this.#headless++
    return hasHeader
  }

  #forgetHeader() {
    this.#codec = undefined
    this.#avcRecord = undefined
    this.#sentRecord = undefined
  }
}

const unsupported = (what: string) =>
  new UnsupportedMedia(`Video in ${what} is not supported. Choose H.264 in the encoder settings.`)

/** Whether a record contains no sequence parameter set: it is empty, or well-formed with a count of 0. */
function isWithoutSps(record: Buffer): boolean {
  const isWhole = record.length >= 6 && record[0] === 1
  return record.length === 0 || (isWhole && ((record[5] ?? 0) & 0x1f) === 0)
}

function recordOf(found: ParameterSets): Buffer | undefined {
  try {
    return avcRecordOf(found)
  } catch {
    return undefined
  }
}

function hasSps(record: Buffer, sps: Buffer): boolean {
  try {
    return parameterSetsOf(record).sps.some((known) => known.equals(sps))
  } catch {
    return false
  }
}

function packetsOf(payload: Buffer): EnhancedPacket[] {
  try {
    return parseEnhanced('video', payload)
  } catch {
    return []
  }
}

/** Whether a packet contains a codec header or a frame; others end a sequence or describe colours. */
const hasMedia = ({ type }: EnhancedPacket) =>
  type === 'sequenceStart' || type === 'codedFrames' || type === 'codedFramesX'

function fieldsOf(codec: VideoCodec, { type, frameType, body }: EnhancedPacket): VideoTagFields | undefined {
  if (type === 'sequenceStart') return { codec, packet: 'config', compositionTime: 0, body }
  const packet = frameType === 1 ? 'keyframe' : 'frame'
  const isTimed = type === 'codedFrames' && (codec === 'h264' || codec === 'hevc')
  if (!isTimed) return { codec, packet, compositionTime: 0, body }
  if (body.length < 3) return undefined
  return { codec, packet, compositionTime: body.readIntBE(0, 3), body: body.subarray(3) }
}

const unitOf = (fields: VideoTagFields, tag = videoTagOf(fields)): VideoUnit => ({
  packet: fields.packet,
  codec: fields.codec,
  tag,
})
