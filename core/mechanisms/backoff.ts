export interface Backoff {
  /** Returns the time to wait before the next attempt, ms. */
  next(): number
  /** Begins with the first delay again. Callers do this after a success. */
  reset(): void
}

export interface BackoffOptions {
  /** First delay, ms, before jitter. */
  firstMs: number
  /** Maximum delay, ms, jitter included. */
  maxMs: number
  /** Maximum random deviation, as a fraction of the delay: 0.5 means 50 to 150 % of it. Default 0. */
  jitter?: number
  /** Returns a random number from 0 to 1; tests replace it. */
  random?: () => number
}

/**
 * Creates the delays between attempts. They double up to the maximum. Jitter keeps clients that failed
 * together from coming back together.
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
