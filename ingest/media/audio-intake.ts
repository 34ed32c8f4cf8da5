import { parseAacConfig } from '../../core/media/codec/aac.ts'
import { type AdtsFrame, configOfAdtsHeader, parseAdts } from '../../core/media/codec/adts.ts'
import { type AudioCodec, aacFormatOf, audioFormatOf } from '../../core/media/codec/audio-format.ts'
import { type EnhancedPacket, parseEnhanced } from '../../core/media/enhanced-rtmp.ts'
import {
  audioBodyOf,
  audioCodecOf,
  audioPacketOf,
  audioTagOf,
  isEnhancedAudio,
} from '../../core/media/flv-audio.ts'
import { payloadOf } from '../../core/media/flv-tag.ts'
import { ExtraTracks, printable } from './extra-tracks.ts'
import {
  type AacHeaderGuess,
  createAacHeaderGuess,
  isOpusHeader,
  opusHeader,
} from './missing-audio-header.ts'
import { UnsupportedMedia } from './unsupported-media.ts'

/** One packet of sound in the form that transcoders read. The timestamp of `tag` is not set yet. */
export interface AudioUnit {
  packet: 'config' | 'frame'
  codec: AudioCodec
  tag: Buffer
  /**
   * Offset of the packet from the timestamp of its message, ms. It is above 0 only for the second and later
   * frames of one message.
   */
  offsetMs: number
}

type Packet = AudioUnit['packet']

const codecsByFourCc = new Map<string, AudioCodec>([
  ['mp4a', 'aac'],
  ['.mp3', 'mp3'],
  ['Opus', 'opus'],
])

/** Track number and codec name of messages without enhanced RTMP. They have only one track. */
const plainTracks: Record<AudioCodec, { track: number; fourCc: string }> = {
  aac: { track: 0, fourCc: 'AAC' },
  mp3: { track: 0, fourCc: 'MP3' },
  opus: { track: 0, fourCc: 'Opus' },
}

/**
 * Names of unsupported codecs by SoundFormat (FLV specification 10.1, annex E.4.2.1), for the error that the
 * encoder receives.
 */
const oldCodecs: Record<number, string> = {
  0: 'PCM',
  1: 'ADPCM',
  3: 'PCM',
  4: 'Nellymoser',
  5: 'Nellymoser',
  6: 'Nellymoser',
  7: 'G.711',
  8: 'G.711',
  11: 'Speex',
}

/**
 * Converts audio messages into units. It forwards one of several tracks of enhanced RTMP. It also accepts AAC
 * and Opus without a usable codec header, and AAC whose frames have their own headers (ADTS).
 */
export class AudioIntake {
  readonly #tracks = new ExtraTracks('audio', () => this.#forgetHeader())
  #codec: AudioCodec | undefined
  /** Codec header of AAC or Opus, as the publisher sent it or as it was derived. */
  #config: Buffer | undefined
  #headerGuess: AacHeaderGuess | undefined

  /** Descriptions of the tracks that are not forwarded, for the owner of the channel. */
  get ignoredTracks(): readonly string[] {
    return this.#tracks.ignored
  }

  /**
   * Converts a message; `timestamp` is the publisher's, ms. Returns no unit for a message without usable
   * sound.
   * @throws UnsupportedMedia when the codec is not supported
   */
  read(tag: Buffer, timestamp: number): AudioUnit[] {
    const payload = payloadOf(tag)
    if (payload.length > 0 && isEnhancedAudio(tag)) return this.#readEnhanced(payload, timestamp)
    // Some encoders send an empty message for silence.
    if (payload.length < 2) return []
    const codec = audioCodecOf(tag)
    if (codec === 'other') throw unsupported(oldCodecs[(payload[0] ?? 0) >> 4] ?? 'an unknown format')
    const packet = audioPacketOf(tag)
    if (packet === 'aside' || !this.#tracks.isShown(plainTracks[codec])) return []
    return this.#readPacket(codec, packet, audioBodyOf(tag), timestamp, tag)
  }

  #readEnhanced(payload: Buffer, timestamp: number): AudioUnit[] {
    return packetsOf(payload).flatMap((each) => {
      const packet = packetOf(each)
      if (packet === undefined || !this.#tracks.isShown(each)) return []
      const codec = codecsByFourCc.get(each.fourCc)
      if (codec === undefined) throw unsupported(JSON.stringify(printable(each.fourCc)))
      return this.#readPacket(codec, packet, each.body, timestamp)
    })
  }

  /**
   * Reads one packet. `tag` is its message if that can be forwarded unchanged; undefined if a new tag must be
   * made.
   */
  #readPacket(codec: AudioCodec, packet: Packet, body: Buffer, timestamp: number, tag?: Buffer): AudioUnit[] {
    if (codec !== this.#codec) this.#forgetHeader()
    this.#codec = codec
    // ffmpeg sends an empty codec header when it copies sound from a transport stream. The format is then
    // derived from the frames.
    if (body.length === 0) return []
    if (codec === 'aac') return this.#readAac(packet, body, timestamp, tag)
    if (codec === 'opus') return this.#readOpus(packet, body)
    return packet === 'frame' ? [unitOf(codec, packet, body, tag)] : []
  }

  #readAac(packet: Packet, body: Buffer, timestamp: number, tag?: Buffer): AudioUnit[] {
    if (packet === 'config') return this.#readAacHeader(body, tag)
    const adts = parseAdts(body)
    if (adts) return this.#readAdts(adts)
    const frame = unitOf('aac', packet, body, tag)
    if (this.#config !== undefined) return [frame]
    this.#headerGuess ??= createAacHeaderGuess()
    const guessed = this.#headerGuess.add(body, timestamp)
    return guessed === undefined ? [] : [...this.#changeConfig('aac', guessed), frame]
  }

  /** Reads a codec header. Some encoders send an ADTS header instead of an AudioSpecificConfig. */
  #readAacHeader(body: Buffer, tag?: Buffer): AudioUnit[] {
    const derived = configOfAdtsHeader(body)
    const config = derived ?? body
    if (aacFormatOf(config) === undefined) return []
    return this.#changeConfig('aac', config, derived ? undefined : tag)
  }

  #readAdts(frames: readonly AdtsFrame[]): AudioUnit[] {
    let offsetMs = 0
    return frames.flatMap(({ config, body }) => {
      if (aacFormatOf(config) === undefined) return []
      const units = [...this.#changeConfig('aac', config), { ...unitOf('aac', 'frame', body), offsetMs }]
      const { frameSamples, sampleRate } = parseAacConfig(config)
      offsetMs += (frameSamples * 1000) / sampleRate
      return units
    })
  }

  #readOpus(packet: Packet, body: Buffer): AudioUnit[] {
    if (packet === 'config') return isOpusHeader(body) ? this.#changeConfig('opus', body) : []
    const frame = unitOf('opus', packet, body)
    if (this.#config !== undefined) return [frame]
    const { channels = 2 } = audioFormatOf('opus', packet, body) ?? {}
    return [...this.#changeConfig('opus', opusHeader(channels)), frame]
  }

  /** Stores a codec header as the current one. Returns its unit; no unit if the header has not changed. */
  #changeConfig(codec: AudioCodec, config: Buffer, tag?: Buffer): AudioUnit[] {
    if (this.#config?.equals(config)) return []
    this.#config = config
    return [unitOf(codec, 'config', config, tag)]
  }

  #forgetHeader() {
    this.#config = undefined
    this.#headerGuess = undefined
  }
}

const unitOf = (codec: AudioCodec, packet: Packet, body: Buffer, tag?: Buffer): AudioUnit => ({
  packet,
  codec,
  tag: tag ?? audioTagOf(codec, packet, body),
  offsetMs: 0,
})

const unsupported = (what: string) =>
  new UnsupportedMedia(`Sound in ${what} is not supported. Choose AAC in the encoder settings.`)

/** Returns the kind of a packet; undefined for one without media, such as the end of a sequence. */
function packetOf({ type }: EnhancedPacket): Packet | undefined {
  if (type === 'sequenceStart') return 'config'
  return type === 'codedFrames' ? 'frame' : undefined
}

function packetsOf(payload: Buffer) {
  try {
    return parseEnhanced('audio', payload)
  } catch {
    return []
  }
}
