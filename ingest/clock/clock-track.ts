import { DeviationMeter } from './deviation-meter.ts'
import type { TimeBase } from './time-base.ts'

/** One timestamp for this many packets and this time, ms, is no timestamp. A slide show has fewer packets. */
const [maxSamePackets, maxSameMs] = [8, 1000]
/** More steps of a track in this time, ms, show that its timestamps are useless. */
const [maxSteps, stepWindowMs] = [6, 3000]

/** A track as the session clock sees it. */
export class ClockTrack {
  base: TimeBase
  /** Time of its last packet, exact and as returned, ms. */
  exact = 0
  placed = -1
  arrivedAt: number
  readonly meter = new DeviationMeter()
  /** Its last timestamp, since when that has not changed, and packets since. */
  #raw = -1
  #sameSince: number
  #same = 0
  /** Steps in the last seconds, and when the first of them was. */
  #steps = 0
  #steppedAt: number

  constructor(base: TimeBase, now: number) {
    this.base = base
    this.arrivedAt = now
    this.#sameSince = now
    this.#steppedAt = now
  }

  /** Whether its timestamps stand still, or jump all the time. */
  get isUseless(): boolean {
    if (this.base.usesArrival) return false
    const isStill = this.#same >= maxSamePackets && this.arrivedAt - this.#sameSince >= maxSameMs
    return isStill || this.#steps > maxSteps
  }

  /** Takes a packet. */
  arrive(raw: number, now: number): void {
    this.arrivedAt = now
    this.#same++
    if (raw === this.#raw) return
    this.#raw = raw
    this.#sameSince = now
    this.#same = 0
  }

  /** Counts a step of its timestamps. */
  step(now: number): void {
    if (now - this.#steppedAt > stepWindowMs) {
      this.#steppedAt = now
      this.#steps = 0
    }
    this.#steps++
  }

  /** Counts by another base, whose deviation is still to be measured. */
  rebase(base: TimeBase): void {
    this.base = base
    this.#steps = 0
    this.meter.restart()
  }
}
