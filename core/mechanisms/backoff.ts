/** Growing delays between attempts. */
export interface Backoff {
  /** The next delay, ms. */
  next(): number
  /** Starts again with the first delay, after a success. */
  reset(): void
}

export interface BackoffOptions {
  /** First delay, ms. It doubles with each attempt. */
  firstMs: number
  /** Maximum delay, ms. */
  maxMs: number
  /** Spread of a delay as a fraction of it: 0.5 means 50 to 150 %. 0 by default. */
  jitter?: number
  /** Random number in 0..1. */
  random?: () => number
}

/**
 * Doubles the delay with each attempt. Jitter keeps clients that failed together from coming back together.
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
