/** Weight of a new deviation in the mean (RFC 3550 section 6.4.1). */
const jitterWeight = 1 / 16

/**
 * Interarrival jitter (RFC 3550 section 6.4.1): mean change of the difference between arrival and session
 * time from one packet to the next.
 */
export class Jitter {
  #transit: number | undefined
  #mean = 0

  /**
   * Notes a packet of session time `time` that arrived at `arrival`, both ms. The clocks may differ by a
   * constant.
   */
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
