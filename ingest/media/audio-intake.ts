import { parseAdts } from '../../core/media/codec/adts.ts'
import type { AudioCodec } from '../../core/media/codec/audio-format.ts'
import { aacFormatOf } from '../../core/media/codec/audio-format.ts'
import { parseEnhanced } from '../../core/media/enhanced-rtmp.ts'
import {
  audioBodyOf,
  audioCodecOf,
  audioPacketOf,
  audioTagOf,
  isEnhancedAudio,
} from '../../core/media/flv-audio.ts'
import { payloadOf } from '../../core/media/flv-tag.ts'
import { ExtraTracks } from './extra-tracks.ts'
import { createHeaderGuess, type HeaderGuess } from './missing-aac-header.ts'
import { UnsupportedMedia } from './unsupported-media.ts'

/** One packet of the sound, in the format for transcoders. */
export interface AudioUnit {
  packet: 'config' | 'frame'
  codec: AudioCodec
  tag: Buffer
}

const codecsByFourCc = new Map<string, AudioCodec>([
  ['mp4a', 'aac'],
  ['.mp3', 'mp3'],
  ['Opus', 'opus'],
])

/**
 * Reads the sound from audio messages, whatever form they have: enhanced RTMP with its tracks, AAC without a
 * usable header, AAC in frames with headers of their own.
 */
export class AudioIntake {
  readonly #tracks = new ExtraTracks('audio')
  /** Configuration of AAC, as sent or as derived. */
  #aacConfig: Buffer | undefined
  #headerGuess: HeaderGuess | undefined

  /** Tracks that are left out, in words. */
  get ignoredTracks(): readonly string[] {
    return this.#tracks.ignored
  }

  /** Reads a message; `timestamp` is that of the publisher, ms. @throws UnsupportedMedia */
  read(tag: Buffer, timestamp: number): AudioUnit[] {
    const payload = payloadOf(tag)
    if (isEnhancedAudio(tag)) return this.#readEnhanced(payload, timestamp)
    // Silence of OBS and others is an empty message.
    if (payload.length < 2 || !this.#tracks.isShow({ track: 0, fourCc: 'sound' })) return []
    const codec = audioCodecOf(tag)
    if (codec === 'other')
      throw new UnsupportedMedia('This audio codec is not supported. Choose AAC in the encoder settings.')
    const packet = audioPacketOf(tag)
    if (packet === 'aside') return []
    if (codec !== 'aac') return [{ packet, codec, tag }]
    return this.#readAac(packet, audioBodyOf(tag), timestamp, tag)
  }

  #readEnhanced(payload: Buffer, timestamp: number): AudioUnit[] {
    return packetsOf(payload).flatMap((each) => {
      if (!this.#tracks.isShow(each)) return []
      const codec = codecsByFourCc.get(each.fourCc)
      if (codec === undefined)
        throw new UnsupportedMedia(
          `Audio of the kind ${JSON.stringify(each.fourCc.replace(/[^\x20-\x7e]/g, '?'))} is not supported. Choose AAC in the encoder settings.`,
        )
      const packet = { sequenceStart: 'config', codedFrames: 'frame' }[each.type as string] as
        | AudioUnit['packet']
        | undefined
      if (packet === undefined || (codec === 'mp3' && packet === 'config')) return []
      if (codec === 'aac') return this.#readAac(packet, each.body, timestamp)
      return [{ packet, codec, tag: audioTagOf(codec, packet, each.body) }]
    })
  }

  /** `tag` is the message itself where it can be forwarded unchanged. */
  #readAac(packet: AudioUnit['packet'], body: Buffer, timestamp: number, tag?: Buffer): AudioUnit[] {
    // ffmpeg sends an empty header when it copies sound from a transport stream; the frames say the rest.
    if (body.length === 0) return []
    if (packet === 'config') {
      if (aacFormatOf(body) === undefined) return []
      this.#aacConfig = body
      return [aacUnit('config', body, tag)]
    }
    const adts = parseAdts(body)
    if (adts)
      return adts.flatMap(({ config, body: frame }) => [
        ...this.#configChange(config),
        aacUnit('frame', frame),
      ])
    if (this.#aacConfig !== undefined) return [aacUnit('frame', body, tag)]
    this.#headerGuess ??= createHeaderGuess()
    const guessed = this.#headerGuess.add(body, timestamp)
    return guessed === undefined ? [] : [...this.#configChange(guessed), aacUnit('frame', body, tag)]
  }

  #configChange(config: Buffer): AudioUnit[] {
    if (this.#aacConfig?.equals(config)) return []
    this.#aacConfig = config
    return [aacUnit('config', config)]
  }
}

const aacUnit = (
  packet: AudioUnit['packet'],
  body: Buffer,
  tag = audioTagOf('aac', packet, body),
): AudioUnit => ({
  packet,
  codec: 'aac',
  tag,
})

function packetsOf(payload: Buffer) {
  try {
    return parseEnhanced('audio', payload)
  } catch {
    return []
  }
}
