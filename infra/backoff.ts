/** Waits between restarts, ms: doubled from the shortest to the longest; a run of `healthyAfterMs` begins anew. */
export const restartWaits = { shortestMs: 200, longestMs: 10_000, healthyAfterMs: 30_000 } as const

/** Gives how long to wait before the next start of something that ended after `ranMs`. */
export function createBackoff(
  waits: { shortestMs: number; longestMs: number; healthyAfterMs: number } = restartWaits,
) {
  let next = waits.shortestMs
  return (ranMs: number): number => {
    if (ranMs >= waits.healthyAfterMs) next = waits.shortestMs
    const wait = next
    next = Math.min(next * 2, waits.longestMs)
    return wait
  }
}
