/** How unevenly packets arrive against their timestamps: mean absolute deviation, smoothed as in RFC 3550 section 6.4.1. */
export class Jitter {
  #transit: number | undefined
  #mean = 0

  /** A packet of media time `time` that came at `arrival`; both ms, each of its own clock. */
  add(time: number, arrival: number): void {
    const transit = arrival - time
    if (this.#transit !== undefined) this.#mean += (Math.abs(transit - this.#transit) - this.#mean) / 16
    this.#transit = transit
  }

  get meanMs(): number {
    return Math.round(this.#mean * 10) / 10
  }
}
