/** Growing waits between tries, spread by chance so that viewers who fell together do not come back together. */
export interface Backoff {
  /** The next wait, ms. */
  next(): number
  reset(): void
}

export interface BackoffOptions {
  /** Middle of the first wait, ms. */
  firstMs: number
  /** No wait is longer than this, ms. */
  maxMs: number
  /** Gives a number in 0..1. */
  random?: () => number
}

/** Doubles the middle of the wait with each try; each wait lies evenly within half of it and one and a half of it. */
export function createBackoff({ firstMs, maxMs, random = Math.random }: BackoffOptions): Backoff {
  let middle = firstMs
  return {
    next() {
      const wait = Math.min(maxMs, middle * (0.5 + random()))
      middle = Math.min(maxMs, middle * 2)
      return wait
    },
    reset() {
      middle = firstMs
    },
  }
}

/** Bounds of what a server may ask us to wait, ms. */
const retryAfterMinMs = 1000
const retryAfterMaxMs = 60_000

/**
 * Reads a Retry-After header in seconds or as a date (RFC 9110 §10.2.3): ms from `now`, within 1 s and 60 s;
 * undefined when it is missing or says nothing.
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.min(retryAfterMaxMs, Math.max(retryAfterMinMs, ms))
}

/** A wait of at least `ms` (a server asked for it) and at most half as much again. */
export function spread(ms: number, random: () => number = Math.random): number {
  return ms * (1 + random() / 2)
}
