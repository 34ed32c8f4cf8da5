/** Counts failures: `spend` is false when more than `limit` happened within `windowMs`. Times in ms of one clock. */
export function createFailureBudget(limit: number, windowMs: number) {
  const failures: number[] = []
  return {
    spend(now: number): boolean {
      failures.push(now)
      while ((failures[0] ?? now) < now - windowMs) failures.shift()
      return failures.length <= limit
    },
    /** Failures within the window up to now. */
    get count(): number {
      return failures.length
    },
  }
}
