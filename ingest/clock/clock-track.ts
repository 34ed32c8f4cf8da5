import { DeviationMeter } from './deviation-meter.ts'
import type { TimeBase } from './time-base.ts'

/**
 * A track that repeats one timestamp for this many packets and this time, ms, has no usable timestamps. Slide
 * shows have fewer packets in that time.
 */
const [maxSamePackets, maxSameMs] = [8, 1000]
/** A track with more steps than this within this time, ms, has no usable timestamps. */
const [maxSteps, stepWindowMs] = [6, 3000]

/** State of one track (sound or picture) in the session clock. */
export class ClockTrack {
  base: TimeBase
  /** Session time of the newest packet, ms: as calculated, and rounded as it was returned. */
  exact = 0
  placed = -1
  arrivedAt: number
  readonly meter = new DeviationMeter()
  /** Newest timestamp, the time since when it has not changed, and the number of packets since. */
  #raw = -1
  #sameSince: number
  #same = 0
  /** Number of steps within the last `stepWindowMs`, and the time of the first of them. */
  #steps = 0
  #steppedAt: number

  constructor(base: TimeBase, now: number) {
    this.base = base
    this.arrivedAt = now
    this.#sameSince = now
    this.#steppedAt = now
  }

  /** Whether the timestamps say nothing, because they stand still or jump all the time. */
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
