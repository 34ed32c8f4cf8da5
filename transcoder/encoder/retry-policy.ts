import { createBackoff } from '../../core/mechanisms/backoff.ts'

/** Maximum number of failures of an encoder within `failureWindowMs`; one more is too many. */
const maxFailures = 4
const failureWindowMs = 60_000
/** First and maximum delay before another run, ms. */
const firstDelayMs = 100
const maxDelayMs = 1000
/** Length of a run, ms, above which delays start from `firstDelayMs` again. */
const steadyRunMs = 6000

export type RetryPolicy = ReturnType<typeof createRetryPolicy>

/** Decides when an encoder has failed too often, and how soon another run follows. */
export function createRetryPolicy() {
  const budget = createFailureBudget(maxFailures, failureWindowMs)
  const backoff = createBackoff({ firstMs: firstDelayMs, maxMs: maxDelayMs })

  return {
    /** Notes how long a run lasted, ms. */
    recordRun(lengthMs: number): void {
      if (lengthMs > steadyRunMs) backoff.reset()
    },
    /**
     * Notes a failure. Returns the number of failures within the last minute, and whether that is too many.
     */
    recordFailure(): { failures: number; isTooMany: boolean } {
      const isTooMany = !budget.spend(performance.now())
      return { failures: budget.count, isTooMany }
    },
    /** Returns the delay before the next run, ms. Each call doubles it, up to `maxDelayMs`. */
    nextDelayMs: backoff.next,
  }
}

/** Creates a budget of `limit` failures within `windowMs`. Times are ms of one clock. */
export function createFailureBudget(limit: number, windowMs: number) {
  const failures: number[] = []
  return {
    /** Notes a failure. Returns false when there have been more than `limit` within the window. */
    spend(now: number): boolean {
      failures.push(now)
      while ((failures[0] ?? now) < now - windowMs) failures.shift()
      return failures.length <= limit
    },
    /** Number of failures in the window that ends with the newest failure. */
    get count(): number {
      return failures.length
    },
  }
}
