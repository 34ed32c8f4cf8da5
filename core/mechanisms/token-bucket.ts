/** A rate limit with room for bursts: at most `burst` at once, and `perSecond` in the long run. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #filledAt = -Infinity

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
  }

  /** Number of tokens at the time of the last `take`, not rounded. */
  get left(): number {
    return this.#tokens
  }

  /** Takes a token. Returns false when there is none. `now`: ms of a monotonic clock. */
  take(now: number): boolean {
    const gained = ((now - this.#filledAt) * this.#perSecond) / 1000
    this.#tokens = Math.min(this.#burst, this.#tokens + gained)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
