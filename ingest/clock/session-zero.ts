/** More media than this beyond real time, ms, within that time, ms, is a burst. */
const [maxBurstMs, settlingMs] = [100, 150]

/** A burst needs this long to show, ms: its first packet comes alone. */
const minSettlingMs = 60

/**
 * When session time 0 arrived, or would have without delays of the network, by a steady clock, ms. It is
 * corrected until the session has been announced with a date.
 */
export class SessionZero {
  #at = 0
  #beganAt = 0
  #movedAt = Number.NEGATIVE_INFINITY
  /** How much it was moved in the last moment. */
  #burst = { startedAt: 0, ms: 0 }
  #isFixed = false

  get at(): number {
    return this.#at
  }

  get isFixed(): boolean {
    return this.#isFixed
  }

  /** The first packet arrived. */
  begin(now: number): void {
    this.#at = now
    this.#beganAt = now
  }

  /** Fixes it, so that dates stay true. */
  fix(): void {
    this.#isFixed = true
  }

  /** Moves it to an earlier time. */
  moveBack(ms: number, now: number): void {
    this.#at -= ms
    if (now - this.#burst.startedAt > settlingMs) this.#burst = { startedAt: now, ms: 0 }
    this.#burst.ms += ms
    if (this.#burst.ms > maxBurstMs) this.#movedAt = now
  }

  /**
   * Whether media has stopped arriving faster than in real time, as it does when a publisher first sends what
   * it has buffered.
   */
  isSettled(now: number): boolean {
    return now - this.#beganAt >= minSettlingMs && now - this.#movedAt > settlingMs
  }
}
