/** A step back further than this is a clock that began anew, not a late packet, ms. */
const maxStepBackMs = 5000

/**
 * The one timeline of a session. RTMP timestamps have 32 bits and wrap after 49.7 days; some encoders start again from 0
 * in the middle, or step back a little. Times given out are those of RTMP for an orderly publisher, go on over a wrap,
 * and never fall within a track. All tracks share one clock, so that they stay in step after a jump.
 */
export class SessionClock {
  #newestRaw: number | undefined
  #newest = 0
  readonly #lastOfTrack = new Map<number, number>()

  /** Time of the newest packet, ms; undefined before the first. */
  get newestMs(): number | undefined {
    return this.#newestRaw === undefined ? undefined : this.#newest
  }

  /** Time of a packet, ms, of a track whose RTMP timestamp is `raw`. */
  place(track: number, raw: number): number {
    if (this.#newestRaw === undefined) {
      this.#newestRaw = raw
      this.#newest = raw
    }
    const time = this.#newest + ((raw - this.#newestRaw) | 0)
    const last = this.#lastOfTrack.get(track) ?? 0
    const placed = time >= last ? time : last - time <= maxStepBackMs ? last : Math.max(this.#newest, last)
    if (time > this.#newest || placed - time > maxStepBackMs) {
      this.#newestRaw = raw
      this.#newest = placed
    }
    this.#lastOfTrack.set(track, placed)
    return placed
  }
}
