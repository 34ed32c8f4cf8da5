import { DeviationMeter } from './deviation-meter.ts'
import type { TimeBase } from './time-base.ts'

/**
 * A track that repeats one timestamp for this many packets and for this long, ms, has no usable timestamps.
 */
const [maxSamePackets, maxSameMs] = [8, 1000]
/** A track with more steps than this within this time, ms, has no usable timestamps. */
const [maxSteps, stepWindowMs] = [6, 3000]

/** State of one track (sound or picture) in the session clock. */
export class ClockTrack {
  base: TimeBase
  /**
   * Session time of the newest packet, ms: `exact` as calculated, `placed` as returned, whole ms. -1: no
   * packet yet.
   */
  exact = 0
  placed = -1
  arrivedAt: number
  readonly meter = new DeviationMeter()
  /** Newest timestamp, when it last changed, and the number of packets that have repeated it. */
  #raw = -1
  #sameSince: number
  #same = 0
  /** Number of steps in the current window of `stepWindowMs`, and when that window began. */
  #steps = 0
  #steppedAt: number

  constructor(base: TimeBase, now: number) {
    this.base = base
    this.arrivedAt = now
    this.#sameSince = now
    this.#steppedAt = now
  }

  /**
   * Whether the timestamps are useless: they stand still or jump all the time. False once times of arrival
   * replace them.
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

  /** Makes the track count from another base. The measurement of its deviation restarts. */
  rebase(base: TimeBase): void {
    this.base = base
    this.#steps = 0
    this.meter.restart()
  }
}
