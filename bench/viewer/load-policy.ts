/** When a kind of request is repeated. Delays double from `delayMs` up to `maxDelayMs`. */
export interface RetryRule {
  maxRetries: number
  delayMs: number
  maxDelayMs: number
}

/** Limits of one kind of request, ms, and its repetition after a timeout and after an error. */
export interface LoadPolicy {
  firstByteMs: number
  totalMs: number
  timeout: RetryRule
  error: RetryRule
}

export interface LoadPolicies {
  multivariant: LoadPolicy
  playlist: LoadPolicy
  media: LoadPolicy
  /**
   * Returns the limit of a blocking reload that names a part, ms. `usualMs`: that of other playlist requests.
   * Durations are in seconds.
   */
  blockingMs(playlist: { partTarget: number; targetDuration: number }, usualMs: number): number
}

const rule = (maxRetries: number, delayMs: number, maxDelayMs: number): RetryRule => ({
  maxRetries,
  delayMs,
  maxDelayMs,
})
const atOnce = (maxRetries: number) => rule(maxRetries, 0, 0)

/** Policies of hls.js 1.7 by default (its `config.ts`). */
export const plainPolicies: LoadPolicies = {
  multivariant: { firstByteMs: Infinity, totalMs: 20_000, timeout: atOnce(2), error: rule(1, 1000, 8000) },
  playlist: { firstByteMs: 10_000, totalMs: 20_000, timeout: atOnce(2), error: rule(2, 1000, 8000) },
  media: { firstByteMs: 10_000, totalMs: 120_000, timeout: atOnce(4), error: rule(6, 1000, 8000) },
  blockingMs: ({ partTarget, targetDuration }, usualMs) =>
    Math.min(usualMs, 1000 * Math.max(3 * partTarget, 0.8 * targetDuration)),
}

const quick = (maxRetries: number) => rule(maxRetries, 250, 1000)

/** Policies of the watch page. Its loaders have one limit for a whole request. */
export const pagePolicies: LoadPolicies = {
  multivariant: { firstByteMs: 8000, totalMs: 8000, timeout: quick(0), error: quick(0) },
  playlist: { firstByteMs: 20_000, totalMs: 20_000, timeout: quick(6), error: quick(6) },
  media: { firstByteMs: 20_000, totalMs: 20_000, timeout: quick(6), error: quick(6) },
  blockingMs: ({ targetDuration }) => 3000 * targetDuration + 1000,
}

/** Returns the delay before a retry, ms. `retries`: number of earlier retries. */
export const retryDelay = ({ delayMs, maxDelayMs }: RetryRule, retries: number): number =>
  Math.min(maxDelayMs, delayMs * 2 ** retries)

/** Time between two regular checks of hls.js, at which it loads what is due and retries, ms. */
const tickMs = 100

/**
 * Returns the time until the first regular check that is at least `delayMs` away. `sinceStart`: time since
 * the checks began, ms.
 */
export const untilTick = (sinceStart: number, delayMs: number): number =>
  Math.ceil((sinceStart + delayMs) / tickMs) * tickMs - sinceStart
