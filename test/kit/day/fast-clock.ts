/** The clocks of this process, as a simulation sets them. */
export interface FastClock {
  /** Sets the time since the start, ms. */
  set(ms: number): void
  /** Wall clock at the start, Unix time, ms. */
  startAt: number
  /** Restores the clocks of the process. */
  restore(): void
}

/** Time of the monotonic clock at the start, ms. Not 0, because a process is older than its sessions. */
const monotonicStart = 1_000_000

/** Replaces `Date.now` and `performance.now` of this process. Timers keep real time. */
export function takeClocks(startAt: number): FastClock {
  const own = { date: Date.now, monotonic: performance.now }
  let elapsedMs = 0
  Date.now = () => Math.floor(startAt + elapsedMs)
  performance.now = () => monotonicStart + elapsedMs
  return {
    startAt,
    set(ms) {
      elapsedMs = ms
    },
    restore() {
      Date.now = own.date
      performance.now = own.monotonic
    },
  }
}
