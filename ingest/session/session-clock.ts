/** Maximum step back of a late packet, ms. After a larger one the timestamps have started again. */
const maxStepBackMs = 5000

/**
 * Turns RTMP timestamps into the media time of a session. RTMP timestamps have 32 bits and wrap after 49.7
 * days. Some encoders also start again from 0 in the middle, or step back a little. Media time equals the
 * timestamps of an orderly publisher, continues after a wrap, and never falls within a track. All tracks
 * share one clock, so they stay in sync after a jump.
 */
export class SessionClock {
  #newestRaw: number | undefined
  #newest = 0
  readonly #lastOfTrack = new Map<number, number>()

  /** Media time of the newest packet, ms; undefined before the first. */
  get newestMs(): number | undefined {
    return this.#newestRaw === undefined ? undefined : this.#newest
  }

  /** Returns the media time, ms, of a packet of `track` with the RTMP timestamp `raw`. */
  timeOf(track: number, raw: number): number {
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
