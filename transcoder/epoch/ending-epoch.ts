import { isAudioPast, type MediaUnit } from '../source/media-unit.ts'
import type { Epoch } from './epoch.ts'

/** The previous epoch, while some of its renditions still publish. */
export class EndingEpoch {
  readonly epoch: Epoch
  /** Time at which the next epoch begins, ms. */
  readonly #atMs: number
  /** Whether audio still belongs to this epoch. */
  #hasAudio: boolean

  constructor(epoch: Epoch, atMs: number, hasAudio: boolean) {
    this.epoch = epoch
    this.#atMs = atMs
    this.#hasAudio = hasAudio
  }

  /**
   * Keeps the audio up to the boundary. Hands audio over to the next epoch at its first frame after that, or
   * when none comes in time.
   */
  add(unit: MediaUnit, next: Epoch | undefined): void {
    if (!this.#hasAudio) return
    if (!isAudioPast(this.#atMs, unit)) {
      if (unit.kind === 'audio') this.epoch.feed(unit)
      return
    }
    this.#hasAudio = false
    next?.takeOver('audio', this.epoch, this.#atMs)
  }
}
