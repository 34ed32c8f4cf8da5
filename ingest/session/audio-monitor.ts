import { type AudioFormat, audioFormatOf } from '../../core/media/codec/audio-format.ts'
import { audioBodyOf } from '../../core/media/flv-audio.ts'
import { payloadOf } from '../../core/media/flv-tag.ts'
import type { AudioSource } from '../../core/media/source.ts'
import { Bitrate } from '../measure/bitrate.ts'
import type { AudioUnit } from '../media/audio-intake.ts'

/**
 * Meaning of a packet for the session. `restart`: the format is new, so decoders must start again. `ignored`:
 * the packet is not forwarded.
 */
export type AudioEvent = 'restart' | 'frame' | 'ignored'

export class AudioMonitor {
  readonly #bitrate = new Bitrate()
  #config: Buffer | undefined
  #format: AudioFormat | undefined
  #firstTime: number | undefined
  #lastTime = 0

  /** Observes a unit; `time` is its session time, ms. */
  observe(unit: AudioUnit, time: number): AudioEvent {
    if (this.#format && unit.codec !== this.#format.codec) {
      this.#format = undefined
      this.#config = undefined
    }
    if (unit.packet === 'config') return this.#observeConfig(unit)
    const isFirst = this.#format === undefined
    if (isFirst) {
      this.#format = audioFormatOf(unit.codec, unit.packet, audioBodyOf(unit.tag))
      // Without its codec header AAC cannot be decoded.
      if (this.#format === undefined) return 'ignored'
    }
    this.#firstTime ??= time
    this.#lastTime = time
    this.#bitrate.add(time, unit.tag.length)
    return isFirst ? 'restart' : 'frame'
  }

  #observeConfig(unit: AudioUnit): AudioEvent {
    if (this.#config && payloadOf(this.#config).equals(payloadOf(unit.tag))) return 'ignored'
    const format = audioFormatOf(unit.codec, unit.packet, audioBodyOf(unit.tag))
    if (format === undefined) return 'ignored'
    this.#format = format
    this.#config = unit.tag
    return 'restart'
  }

  /** The tag of the codec header, which only AAC and Opus have; undefined until it was received. */
  get config(): Buffer | undefined {
    return this.#config
  }

  /** Time from the first frame to the newest one, ms; undefined before the first frame. */
  get span(): number | undefined {
    return this.#firstTime === undefined ? undefined : this.#lastTime - this.#firstTime
  }

  get isKnown(): boolean {
    return this.#format !== undefined
  }

  get source(): AudioSource | null {
    return this.#format ? { ...this.#format, bitrate: this.#bitrate.bitsPerSecond } : null
  }
}
