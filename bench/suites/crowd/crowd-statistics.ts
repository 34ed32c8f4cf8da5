/** What a group of viewers experienced. */
export interface CrowdStatistics {
  /**
   * Time from request to response, ms, for each media playlist, part and segment. A blocking reload counts
   * from the time when its part or segment was made, if that is later.
   */
  delaysMs: number[]
  /** Number of failed requests by status; 0 is a request without a response. */
  errors: Map<number, number>
  /** Time of the last failed request, ms of `performance.now()`; -Infinity before the first one. */
  lastErrorAt: number
  /** Connections that the server ended or refused. */
  dropped: number
  /** Responses 503 with Retry-After to newcomers. They do not count as errors. */
  turnedAway: number
  admitted: number
}

export const emptyStatistics = (): CrowdStatistics => ({
  delaysMs: [],
  errors: new Map(),
  lastErrorAt: Number.NEGATIVE_INFINITY,
  dropped: 0,
  turnedAway: 0,
  admitted: 0,
})

export function countError(statistics: CrowdStatistics, status: number): void {
  statistics.errors.set(status, (statistics.errors.get(status) ?? 0) + 1)
  statistics.lastErrorAt = performance.now()
}

export const errorCount = ({ errors }: Pick<CrowdStatistics, 'errors'>): number =>
  [...errors.values()].reduce((sum, count) => sum + count, 0)

/** Returns the share of requests that succeeded with a delay of at most `ms`, percent. */
export function shareWithin(statistics: Pick<CrowdStatistics, 'delaysMs' | 'errors'>, ms: number): number {
  const { delaysMs } = statistics
  return (100 * delaysMs.filter((each) => each <= ms).length) / (delaysMs.length + errorCount(statistics))
}
