import { parseAacConfig } from '../../core/media/aac-config.ts'
import {
  aacHeaderBytes,
  audioCodecOf,
  audioFormOf,
  audioPacketOf,
  isEnhancedAudio,
} from '../../core/media/flv-audio.ts'
import { payloadLength, payloadOf } from '../../core/media/flv-tag.ts'
import type { AudioSource } from '../../core/media/source.ts'
import { messageOf } from '../../core/process/errors.ts'
import { Bitrate } from '../measure/bitrate.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'

/** What a packet means to the session: `restart` is a new codec header, after which decoders must begin anew. */
export type AudioStep = 'restart' | 'frame' | 'nothing'

type AudioFormat = Omit<AudioSource, 'bitrate'>

/** The audio of a session: its codec header and what its packets tell. */
export class AudioMonitor {
  readonly #rate = new Bitrate()
  #config: Buffer | undefined
  #format: AudioFormat | undefined
  #firstTime: number | undefined
  #lastTime = 0

  /** Takes a packet of media time `time`, ms. @throws UnsupportedMedia */
  take(tag: Buffer, time: number): AudioStep {
    if (isEnhancedAudio(tag))
      throw new UnsupportedMedia('This audio codec is not supported. Choose AAC in the encoder settings.')
    const packet = audioPacketOf(tag, payloadLength(tag))
    if (packet === 'malformed') return 'nothing'
    if (packet === 'config') return this.#takeConfig(tag)
    const isFirst = this.#format === undefined
    if (isFirst) {
      const codec = audioCodecOf(tag)
      // AAC without its header cannot be decoded.
      if (codec === 'aac') return 'nothing'
      this.#format = { codec, codecString: codec === 'mp3' ? 'mp4a.40.34' : null, ...audioFormOf(tag) }
    }
    this.#firstTime ??= time
    this.#lastTime = time
    this.#rate.add(time, tag.length)
    return isFirst ? 'restart' : 'frame'
  }

  #takeConfig(tag: Buffer): AudioStep {
    if (this.#config && payloadOf(this.#config).equals(payloadOf(tag))) return 'nothing'
    try {
      const { codecString, outputSampleRate, outputChannels } = parseAacConfig(
        payloadOf(tag).subarray(aacHeaderBytes),
      )
      this.#format = {
        codec: 'aac',
        codecString,
        sampleRate: outputSampleRate,
        channels: outputChannels,
      }
    } catch (error) {
      throw new UnsupportedMedia(`The header of the AAC audio cannot be read: ${messageOf(error)}.`)
    }
    this.#config = tag
    return 'restart'
  }

  /** The tag with the codec header; only AAC has one. */
  get config(): Buffer | undefined {
    return this.#config
  }

  /** Media time since the first frame, ms; undefined before it. */
  get span(): number | undefined {
    return this.#firstTime === undefined ? undefined : this.#lastTime - this.#firstTime
  }

  get source(): AudioSource | null {
    return this.#format ? { ...this.#format, bitrate: this.#rate.bitsPerSecond } : null
  }
}
