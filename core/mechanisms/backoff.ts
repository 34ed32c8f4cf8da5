export interface Backoff {
  /** Returns the time to wait before the next attempt, ms. */
  next(): number
  /** To be called after a success: the delays begin with the first one again. */
  reset(): void
}

export interface BackoffOptions {
  /** First delay, ms. Each further delay is twice as long. */
  firstMs: number
  /** Maximum delay, ms, jitter included. */
  maxMs: number
  /** Spread of a delay as a fraction of the delay: 0.5 means 50 to 150 % of it. Default 0. */
  jitter?: number
  /** Returns a random number from 0 to 1; tests replace it. */
  random?: () => number
}

/**
 * Delays between attempts, each twice as long as the one before. Jitter keeps clients that failed together
 * from coming back together.
 */
export function createBackoff({ firstMs, maxMs, jitter = 0, random = Math.random }: BackoffOptions): Backoff {
  let middle = firstMs
  return {
    next() {
      const delay = Math.min(maxMs, middle * (1 - jitter + 2 * jitter * random()))
      middle = Math.min(maxMs, middle * 2)
      return delay
    },
    reset() {
      middle = firstMs
    },
  }
}
