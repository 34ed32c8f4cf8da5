/** Weight of a new deviation in the mean (RFC 3550 section 6.4.1). */
const jitterWeight = 1 / 16

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
