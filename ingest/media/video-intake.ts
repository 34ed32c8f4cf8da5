import { avcRecordOf, parameterSetsOf } from '../../core/media/codec/avc.ts'
import {
  findParameterSets,
  hasStartCodes,
  nalLengthSize,
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
import { ExtraTracks } from './extra-tracks.ts'
import { UnsupportedMedia } from './unsupported-media.ts'

/** One packet of the picture, in the format for transcoders. */
export interface VideoUnit {
  packet: 'config' | 'keyframe' | 'frame'
  codec: VideoCodec
  tag: Buffer
}

/** Command frames have no picture (annex E.4.3.1). */
const commandFrame = 5
/** Bytes before the body of an H.264 packet. */
const avcHeaderBytes = 5

const codecsByFourCc = new Map<string, VideoCodec>(
  Object.entries(fourCcs).map(([codec, fourCc]) => [fourCc, codec as VideoCodec]),
)

/**
 * Reads the picture from video messages, whatever form they have: enhanced RTMP with its tracks, H.264
 * without a usable header, with parameter sets that change inside the stream, or with start codes.
 */
export class VideoIntake {
  readonly #tracks = new ExtraTracks('video')
  /** Configuration record of H.264. */
  #avcRecord: Buffer | undefined
  /** Parameter sets that keyframes contain now; undefined while they agree with the record. */
  #inBand = ''

  /** Tracks that are left out, in words. */
  get ignoredTracks(): readonly string[] {
    return this.#tracks.ignored
  }

  /** Reads a message. Malformed packets yield nothing. @throws UnsupportedMedia */
  read(tag: Buffer): VideoUnit[] {
    if (isEnhancedVideo(tag)) return this.#readEnhanced(payloadOf(tag))
    const payload = payloadOf(tag)
    if (payload.length === 0 || (payload[0] ?? 0) >> 4 === commandFrame) return []
    if (videoCodecOf(tag) === 'other')
      throw new UnsupportedMedia('This video codec is not supported. Choose H.264 in the encoder settings.')
    if (payload.length < avcHeaderBytes) return []
    const packet = videoPacketOf(tag)
    if (packet === 'aside') return []
    return this.#readAvc(
      { codec: 'h264', packet, compositionTime: compositionTimeOf(tag), body: videoBodyOf(tag) },
      tag,
    )
  }

  #readEnhanced(payload: Buffer): VideoUnit[] {
    return packetsOf(payload).flatMap((packet) => {
      if (!this.#tracks.isShow(packet)) return []
      const codec = codecsByFourCc.get(packet.fourCc)
      if (codec === undefined)
        throw new UnsupportedMedia(
          `Video of the kind ${printable(packet.fourCc)} is not supported. Choose H.264 in the encoder settings.`,
        )
      const fields = fieldsOf(codec, packet)
      if (fields === undefined) return []
      return codec === 'h264' ? this.#readAvc(fields) : [unitOf(fields)]
    })
  }

  /** `tag` is the message itself where it can be forwarded unchanged. */
  #readAvc(fields: VideoTagFields, tag?: Buffer): VideoUnit[] {
    if (fields.packet === 'config') return this.#readAvcRecord(fields, tag)
    const isAnnexB = hasStartCodes(fields.body)
    const body = isAnnexB ? withLengths(fields.body) : fields.body
    const config = fields.packet === 'keyframe' ? this.#readParameterSets(body) : []
    if (this.#avcRecord === undefined || body.length === 0) return config
    return [...config, unitOf({ ...fields, body }, isAnnexB ? undefined : tag)]
  }

  #readAvcRecord(fields: VideoTagFields, tag: Buffer | undefined): VideoUnit[] {
    // Encoders without a global header send an empty one, and the parameter sets before each keyframe.
    if (fields.body.length === 0) return []
    this.#avcRecord = fields.body
    this.#inBand = ''
    return [unitOf(fields, tag)]
  }

  /** Makes a configuration record of parameter sets in a keyframe that differ from the present ones. */
  #readParameterSets(sample: Buffer): VideoUnit[] {
    const known = this.#avcRecord
    const found = findParameterSets(sample, known ? nalLengthSize(known) : 4)
    const [sps] = found.sps
    if (sps === undefined || found.pps.length === 0) return []
    const inBand = sps.toString('latin1')
    if (inBand === this.#inBand || (known && hasSps(known, sps))) return []
    try {
      const record = avcRecordOf(found)
      if (record === undefined) return []
      this.#avcRecord = record
      this.#inBand = inBand
      return [unitOf({ codec: 'h264', packet: 'config', compositionTime: 0, body: record })]
    } catch {
      return []
    }
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

function fieldsOf(codec: VideoCodec, { type, frameType, body }: EnhancedPacket): VideoTagFields | undefined {
  if (type === 'sequenceStart') return { codec, packet: 'config', compositionTime: 0, body }
  if (type !== 'codedFrames' && type !== 'codedFramesX') return undefined
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

const printable = (fourCc: string) => JSON.stringify(fourCc.replace(/[^\x20-\x7e]/g, '?'))
