/** Maximum number of lines of one run of ffmpeg that are logged within a window, and its length, ms. */
const [maxLines, windowMs] = [10, 10_000]

/**
 * Limits the lines of ffmpeg in the log: damaged media can make it write several for each frame. Times are ms
 * of one clock.
 */
export function createLineLimit() {
  let startedAt = Number.NEGATIVE_INFINITY
  let count = 0

  return {
    /** Whether another line may be logged. `last`: it may, but no further line of this window. */
    admit(now: number): 'yes' | 'last' | 'no' {
      if (now - startedAt > windowMs) {
        startedAt = now
        count = 0
      }
      count += 1
      if (count < maxLines) return 'yes'
      return count === maxLines ? 'last' : 'no'
    },
  }
}
