/** Media of so many ms is listened to: then the date of its beginning is fixed. */
const listenedMs = 1000

/**
 * When media was made, as near as a server can know: what came with the least delay tells it. One date for the whole
 * session, so that every program date-time that is made of it agrees.
 */
export class MediaClock {
  #zeroAt: number | undefined
  #firstTime: number | undefined

  /** A packet of media time `time` that arrived at `arrival`, of the monotonic clock; both ms. */
  add(time: number, arrival: number): void {
    this.#firstTime ??= time
    if (time - this.#firstTime > listenedMs) return
    this.#zeroAt = Math.min(this.#zeroAt ?? Number.POSITIVE_INFINITY, performance.timeOrigin + arrival - time)
  }

  /** Date at which media of time 0 arrived, or would have, ms since the epoch; undefined before the first packet. */
  get zeroAt(): number | undefined {
    return this.#zeroAt === undefined ? undefined : Math.round(this.#zeroAt)
  }
}
