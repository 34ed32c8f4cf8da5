/** Weight of a new deviation in the mean (RFC 3550 section 6.4.1). */
const jitterWeight = 1 / 16
/** Media time over which the date of the beginning is determined, ms. Then it is fixed. */
const settlingMs = 1000

/** Mean absolute deviation of arrival times from media times, smoothed as in RFC 3550 section 6.4.1. */
export class Jitter {
  #transit: number | undefined
  #mean = 0

  /** A packet of media time `time` arrived at `arrival`; ms of two different clocks. */
  add(time: number, arrival: number): void {
    const transit = arrival - time
    if (this.#transit !== undefined)
      this.#mean += (Math.abs(transit - this.#transit) - this.#mean) * jitterWeight
    this.#transit = transit
  }

  get meanMs(): number {
    return Math.round(this.#mean * 10) / 10
  }
}

/**
 * The date of media time 0. The packet with the least delay determines it, which is as near to the time of
 * capture as a server can get. It is fixed after the first second, so that all program date-times of a
 * session agree.
 */
export class MediaZero {
  #date: number | undefined
  #firstTime: number | undefined

  /** A packet of media time `time` arrived at `arrival` of the monotonic clock; both ms. */
  add(time: number, arrival: number): void {
    this.#firstTime ??= time
    if (time - this.#firstTime > settlingMs) return
    this.#date = Math.min(this.#date ?? Number.POSITIVE_INFINITY, performance.timeOrigin + arrival - time)
  }

  /** When media of time 0 arrived, or would have, ms since the epoch; undefined before the first packet. */
  get date(): number | undefined {
    return this.#date === undefined ? undefined : Math.round(this.#date)
  }
}
