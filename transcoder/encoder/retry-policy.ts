import { createBackoff } from '../../core/mechanisms/backoff.ts'

/** Failures of ffmpeg that a session survives within a minute. */
const maxFailures = 4
const failureWindowMs = 60_000
/** First and maximum time between runs, ms. */
const firstDelayMs = 100
const maxDelayMs = 1000
/** Length of a run after which the next delay is the first one again, ms. */
const steadyRunMs = 6000

export type RetryPolicy = ReturnType<typeof createRetryPolicy>

/** Decides how often and how soon a session gets another run. */
export function createRetryPolicy() {
  const budget = createFailureBudget(maxFailures, failureWindowMs)
  const backoff = createBackoff({ firstMs: firstDelayMs, maxMs: maxDelayMs })

  return {
    /** Records how long a run lasted, ms. */
    recordRun(lengthMs: number): void {
      if (lengthMs > steadyRunMs) backoff.reset()
    },
    /** Records a failure of ffmpeg. Returns the number of failures in the last minute. */
    recordFailure(): { failures: number; isTooMany: boolean } {
      const isTooMany = !budget.spend(performance.now())
      return { failures: budget.count, isTooMany }
    },
    /** Returns the time until the next run, ms. */
    nextDelayMs: backoff.next,
  }
}

/** Allows `limit` failures within `windowMs`. Times are ms of one clock. */
export function createFailureBudget(limit: number, windowMs: number) {
  const failures: number[] = []
  return {
    /** Records a failure. Returns false when there were more than `limit`. */
    spend(now: number): boolean {
      failures.push(now)
      while ((failures[0] ?? now) < now - windowMs) failures.shift()
      return failures.length <= limit
    },
    /** Number of failures within the window at the last one. */
    get count(): number {
      return failures.length
    },
  }
}
