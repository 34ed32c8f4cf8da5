/** A burst is more than `maxBurstMs` of media beyond real time within about `settlingMs`, ms. */
const [maxBurstMs, settlingMs] = [100, 150]

/** Minimum time from the first packet to the end of settling, ms. One packet does not show a burst. */
const minSettlingMs = 60

/**
 * When session time 0 arrived, or would have without delays of the network, ms of a steady clock. Early
 * packets correct this until `fix`, which is called when the session is announced with a date.
 */
export class SessionZero {
  #at = 0
  #beganAt = 0
  #movedAt = Number.NEGATIVE_INFINITY
  /** When the current series of moves began, and by how much it moved session time 0, ms. */
  #burst = { startedAt: 0, ms: 0 }
  #isFixed = false

  get at(): number {
    return this.#at
  }

  get isFixed(): boolean {
    return this.#isFixed
  }

  /** Notes the arrival of the first packet. */
  begin(now: number): void {
    this.#at = now
    this.#beganAt = now
  }

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
   * Whether media has stopped arriving faster than in real time. Publishers first send what they have
   * buffered.
   */
  isSettled(now: number): boolean {
    return now - this.#beganAt >= minSettlingMs && now - this.#movedAt > settlingMs
  }
}
