/** Maximum number of new codec headers in `windowMs`. A phone that is turned sends a few. */
const maxChanges = 120
const windowMs = 60_000

/**
 * Limits how often a source may change its codec headers. Each change makes all decoders of the channel start
 * again.
 */
export class HeaderChanges {
  #since = 0
  #count = 0

  /**
   * Counts a change at `now`, ms of the monotonic clock. Returns why the session must end; undefined while it
   * may continue.
   */
  add(now: number): string | undefined {
    if (now - this.#since > windowMs) {
      this.#since = now
      this.#count = 0
    }
    this.#count++
    if (this.#count <= maxChanges) return undefined
    return `The codec headers changed more than ${maxChanges} times within a minute.`
  }
}
