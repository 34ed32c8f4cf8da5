import { audioCodecOf, audioPacketOf, isEnhancedAudio } from '../../core/media/flv-audio.ts'
import { payloadLength, payloadOf } from '../../core/media/flv-tag.ts'
import type { AudioSource } from '../../core/media/source.ts'
import { Bitrate } from '../measure/bitrate.ts'
import { type AudioFormat, formatOfFrame, parseAudioConfig } from '../media/audio-format.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'

/**
 * What a packet means to the session. `restart`: the sound has a new format, with which decoders must start
 * again. `ignored`: not to be forwarded.
 */
export type AudioEvent = 'restart' | 'frame' | 'ignored'

/** Measures the audio of a session from its packets. */
export class AudioMonitor {
  readonly #bitrate = new Bitrate()
  #config: Buffer | undefined
  #format: AudioFormat | undefined
  #firstTime: number | undefined
  #lastTime = 0

  /** Observes a packet of media time `time`, ms. @throws UnsupportedMedia */
  observe(tag: Buffer, time: number): AudioEvent {
    if (isEnhancedAudio(tag))
      throw new UnsupportedMedia('This audio codec is not supported. Choose AAC in the encoder settings.')
    const packet = audioPacketOf(tag, payloadLength(tag))
    if (packet === 'malformed') return 'ignored'
    if (packet === 'config') return this.#observeConfig(tag)
    const isFirst = this.#format === undefined
    if (isFirst) {
      // AAC cannot be decoded without its header.
      if (audioCodecOf(tag) === 'aac') return 'ignored'
      this.#format = formatOfFrame(tag)
    }
    this.#firstTime ??= time
    this.#lastTime = time
    this.#bitrate.add(time, tag.length)
    return isFirst ? 'restart' : 'frame'
  }

  #observeConfig(tag: Buffer): AudioEvent {
    if (this.#config && payloadOf(this.#config).equals(payloadOf(tag))) return 'ignored'
    this.#format = parseAudioConfig(tag)
    this.#config = tag
    return 'restart'
  }

  /** The tag of the codec header; only AAC has one. */
  get config(): Buffer | undefined {
    return this.#config
  }

  /** Media time since the first frame, ms; undefined before it. */
  get span(): number | undefined {
    return this.#firstTime === undefined ? undefined : this.#lastTime - this.#firstTime
  }

  /** Whether the format of the sound is known. */
  get isKnown(): boolean {
    return this.#format !== undefined
  }

  get source(): AudioSource | null {
    return this.#format ? { ...this.#format, bitrate: this.#bitrate.bitsPerSecond } : null
  }
}
