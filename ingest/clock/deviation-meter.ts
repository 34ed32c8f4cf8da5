export interface Deviation {
  /**
   * How far all packets of the window were from the wall clock, at least, ms: the network only makes them
   * later. Negative: late.
   */
  off: number
  /** The same of the last packet. */
  ahead: number
  /** Session time, and timestamps, for each ms of the wall clock. */
  speed: number
  rawSpeed: number
  formerRawSpeed: number
}

/** Length of a window, ms. */
const windowMs = 3000
/** Media that runs ahead is no matter of the network: it is judged earlier, when it is this far ahead, ms. */
const [earlyWindowMs, earlyAheadMs] = [1000, 800]
/** A pause of more between packets begins another window, ms. */
const maxPauseMs = 1000

/** Deviation of a track from the wall clock, over windows in which the network had time to catch up. */
export class DeviationMeter {
  readonly windowMs = windowMs
  last: Deviation = { off: 0, ahead: 0, speed: 1, rawSpeed: 1, formerRawSpeed: 1 }
  #startedAt: number | undefined
  #startTime = 0
  #startRaw = 0
  #least = 0
  #most = 0
  #packetAt = 0

  /** Takes a packet. Returns whether a window ended with it: `last` is of that window. */
  add(ahead: number, time: number, raw: number, now: number): boolean {
    const isPaused = now - this.#packetAt > maxPauseMs
    this.#packetAt = now
    if (this.#startedAt === undefined || isPaused) {
      this.#startedAt = now
      this.#startTime = time
      this.#startRaw = raw
      this.#least = this.#most = ahead
      return false
    }
    this.#least = Math.min(this.#least, ahead)
    this.#most = Math.max(this.#most, ahead)
    const elapsed = now - this.#startedAt
    const isEarly =
      elapsed >= earlyWindowMs && ahead > earlyAheadMs && time - this.#startTime > 1.03 * elapsed
    if (elapsed < windowMs && !isEarly) return false
    this.last = {
      off: isEarly ? ahead : this.#most < 0 ? this.#most : Math.max(0, this.#least),
      ahead,
      speed: (time - this.#startTime) / elapsed,
      rawSpeed: (raw - this.#startRaw) / elapsed,
      formerRawSpeed: this.last.rawSpeed,
    }
    this.#startedAt = undefined
    return true
  }

  /** Like `off`, by now: of the window in progress once it has lasted for a moment. */
  offAt(now: number): number {
    if (this.#startedAt === undefined || now - this.#startedAt < earlyWindowMs / 2) return this.last.off
    return this.#most < 0 ? this.#most : Math.max(0, this.#least)
  }

  /** Forgets the window in progress. */
  restart(): void {
    this.#startedAt = undefined
  }

  /** Session time was moved, ms. */
  shift(ms: number): void {
    this.#startTime += ms
    this.#least += ms
    this.#most += ms
  }
}
