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
} from '../../core/media/flv-video.ts'
import { AvcIntake } from './avc-intake.ts'
import { ExtraTracks, printable } from './extra-tracks.ts'
import { UnsupportedMedia } from './unsupported-media.ts'
import { unitOf, type VideoUnit } from './video-unit.ts'

/** Frame type of a command frame, which contains no picture (FLV specification 10.1, annex E.4.3.1). */
const commandFrame = 5
/**
 * Number of bytes before the body of an H.264 packet: frame type and codec, packet type, composition time.
 */
const avcHeaderBytes = 5
/** Number of frames without a codec header after which `ignoredTracks` reports them. */
const maxHeadlessFrames = 100

const codecsByFourCc = new Map<string, VideoCodec>(
  Object.entries(fourCcs).map(([codec, fourCc]) => [fourCc, codec as VideoCodec]),
)

/** Track number and codec name of messages without enhanced RTMP. They have only one track. */
const plainTrack = { track: 0, fourCc: 'H.264' }

/**
 * Names of unsupported codecs by CodecID (FLV specification 10.1, annex E.4.3.1; 12 and 13 are unofficial),
 * for the error that the encoder receives.
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
 * Converts video messages of FLV and of enhanced RTMP into units. It forwards only one of several tracks.
 * Frames before a codec header are dropped, because they cannot be decoded.
 */
export class VideoIntake {
  readonly #tracks = new ExtraTracks('video', () => this.#forgetHeader())
  /** Codec of the newest codec header; undefined while no header applies. */
  #codec: VideoCodec | undefined
  #avc = new AvcIntake()
  /** Number of frames that were dropped for lack of a codec header. */
  #headless = 0

  /** Descriptions of what is not forwarded, for the owner of the channel. */
  get ignoredTracks(): readonly string[] {
    const isHeadless = this.#codec === undefined && this.#headless > maxHeadlessFrames
    return isHeadless ? [...this.#tracks.ignored, 'video without a codec header'] : this.#tracks.ignored
  }

  /**
   * Converts a message. Returns no unit for a message without a usable picture or codec header.
   * @throws UnsupportedMedia when the codec is not supported
   */
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

  /**
   * Reads one packet. `tag` is its message if that can be forwarded unchanged; undefined if a new tag must be
   * made.
   */
  #readAvc(fields: VideoTagFields, tag?: Buffer): VideoUnit[] {
    const isHeader = fields.packet === 'config'
    const units = isHeader ? this.#avc.readHeader(fields, tag) : this.#avc.readPicture(fields, tag)
    if (this.#avc.hasHeader) this.#codec = 'h264'
    else if (!isHeader) this.#headless++
    return units
  }

  #readOther(fields: VideoTagFields): VideoUnit[] {
    const { codec } = fields
    if (fields.body.length === 0) return []
    if (fields.packet === 'config') {
      if (codec !== this.#codec) this.#forgetHeader()
      this.#codec = codec
    } else if (codec !== this.#codec) {
      this.#headless++
      return []
    }
    return [unitOf(fields)]
  }

  #forgetHeader() {
    this.#codec = undefined
    this.#avc = new AvcIntake()
  }
}

const unsupported = (what: string) =>
  new UnsupportedMedia(`Video in ${what} is not supported. Choose H.264 in the encoder settings.`)

function packetsOf(payload: Buffer): EnhancedPacket[] {
  try {
    return parseEnhanced('video', payload)
  } catch {
    return []
  }
}

/**
 * Whether a packet contains a codec header or a frame. Other packets contain for example metadata, or mark
 * the end of a sequence.
 */
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
