import { DeviationMeter } from './deviation-meter.ts'
import type { TimeBase } from './time-base.ts'

/**
 * A track that repeats one timestamp at least this often, for at least this time, ms, has no usable
 * timestamps.
 */
const [maxSamePackets, maxSameMs] = [8, 1000]
/** A track with more steps than this within this time, ms, has no usable timestamps. */
const [maxSteps, stepWindowMs] = [6, 3000]

/** State of one track (sound or picture) in the session clock. */
export class ClockTrack {
  base: TimeBase
  /**
   * Session time of the newest packet, ms. `exact`: as calculated. `placed`: as the session clock returned
   * it, a whole number; -1 before the first packet.
   */
  exact = 0
  placed = -1
  arrivedAt: number
  readonly meter = new DeviationMeter()
  /**
   * Newest timestamp (-1 before the first packet); when it first arrived, ms; and how often it was repeated.
   */
  #raw = -1
  #sameSince: number
  #same = 0
  /** Number of steps in the current window of `stepWindowMs`, and when the window began, ms. */
  #steps = 0
  #steppedAt: number

  constructor(base: TimeBase, now: number) {
    this.base = base
    this.arrivedAt = now
    this.#sameSince = now
    this.#steppedAt = now
  }

  /**
   * Whether the timestamps stand still or jump all the time, so that times of arrival must replace them.
   * False once they do.
   */
  get isUseless(): boolean {
    if (this.base.usesArrival) return false
    const isStill = this.#same >= maxSamePackets && this.arrivedAt - this.#sameSince >= maxSameMs
    return isStill || this.#steps > maxSteps
  }

  /** Notes a packet; `raw` is its timestamp, `now` its time of arrival, ms. */
  arrive(raw: number, now: number): void {
    this.arrivedAt = now
    this.#same++
    if (raw === this.#raw) return
    this.#raw = raw
    this.#sameSince = now
    this.#same = 0
  }

  /** Counts a step of the timestamps towards `isUseless`. */
  step(now: number): void {
    if (now - this.#steppedAt > stepWindowMs) {
      this.#steppedAt = now
      this.#steps = 0
    }
    this.#steps++
  }

  /** Makes the track count from `base`. The count of steps and the deviation meter restart. */
  rebase(base: TimeBase): void {
    this.base = base
    this.#steps = 0
    this.meter.restart()
  }
}
