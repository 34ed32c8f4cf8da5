/**
 * Media is in a burst while it gains more than `maxBurstMs` on real time within `settlingMs`, and for
 * `settlingMs` after that. Both are in ms.
 */
const [maxBurstMs, settlingMs] = [100, 150]

/** Minimum time until media counts as settled, ms: the first packet alone does not show a burst. */
const minSettlingMs = 60

/**
 * Time at which session time 0 arrived, or would have arrived without network delays, ms of a steady clock.
 * Early packets move it back until `fix` is called, when the session is announced with a date.
 */
export class SessionZero {
  #at = 0
  #beganAt = 0
  #movedAt = Number.NEGATIVE_INFINITY
  /** When the current window of `settlingMs` began, and by how much session time 0 moved in it, both ms. */
  #burst = { startedAt: 0, ms: 0 }
  #isFixed = false

  get at(): number {
    return this.#at
  }

  get isFixed(): boolean {
    return this.#isFixed
  }

  /** Notes the arrival of the first packet, whose session time is `startMs`. */
  begin(now: number, startMs: number): void {
    this.#at = now - startMs
    this.#beganAt = now
  }

  /** Marks session time 0 as final, because a date has been derived from it. */
  fix(): void {
    this.#isFixed = true
  }

  moveBack(ms: number, now: number): void {
    this.#at -= ms
    if (now - this.#burst.startedAt > settlingMs) this.#burst = { startedAt: now, ms: 0 }
    this.#burst.ms += ms
    if (this.#burst.ms > maxBurstMs) this.#movedAt = now
  }

  /**
   * Whether media no longer arrives faster than in real time; false for the first `minSettlingMs`. Many
   * publishers first send what they have buffered.
   */
  isSettled(now: number): boolean {
    return now - this.#beganAt >= minSettlingMs && now - this.#movedAt > settlingMs
  }
}
