export interface Deviation {
  /**
   * Smallest deviation from the wall clock in the window, ms; negative when media is late, 0 when some
   * packets are late and some early. The network delays single packets, so only what all packets have in
   * common is an error of timestamps. In a window that ended early it equals `ahead`.
   */
  off: number
  /** Deviation of the last packet of the window from the wall clock, ms; negative when it is late. */
  ahead: number
  /**
   * Session time (`speed`) and time of the publisher's timestamps (`rawSpeed`) that pass in each ms of the
   * wall clock; and `rawSpeed` of the window before.
   */
  speed: number
  rawSpeed: number
  formerRawSpeed: number
}

/** Length of a measurement window, ms, unless the window ends early. */
const windowMs = 3000
/**
 * A window ends after the first time, ms, if its newest packet leads the wall clock by more than the second,
 * ms, and session time ran more than 3 % too fast. A network delays media but never makes it early, so such a
 * lead is an error of the timestamps.
 */
const [earlyWindowMs, earlyAheadMs] = [1000, 800]
/** Maximum time without packets in a window, ms. After a longer one a new window starts. */
const maxPauseMs = 1000

/** Measures how far a track is from the wall clock, in one window after another. */
export class DeviationMeter {
  readonly windowMs = windowMs
  last: Deviation = { off: 0, ahead: 0, speed: 1, rawSpeed: 1, formerRawSpeed: 1 }
  #startedAt: number | undefined
  #startTime = 0
  #startRaw = 0
  #least = 0
  #most = 0
  #packetAt = 0

  /**
   * Adds a packet: its lead over the wall clock, its session time, its timestamp without wraps, and its
   * arrival, all ms. Returns whether a window ended with it; the result is then in `last`.
   */
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

  /**
   * Returns `off` of the current window once it has lasted 500 ms; before that, `off` of the previous window,
   * ms.
   */
  offAt(now: number): number {
    if (this.#startedAt === undefined || now - this.#startedAt < earlyWindowMs / 2) return this.last.off
    return this.#most < 0 ? this.#most : Math.max(0, this.#least)
  }

  /** Discards the current window. `last` stays. */
  restart(): void {
    this.#startedAt = undefined
  }

  /** Adapts the measurement after the session time of the track was moved by `ms`. */
  shift(ms: number): void {
    this.#startTime += ms
    this.#least += ms
    this.#most += ms
  }
}
