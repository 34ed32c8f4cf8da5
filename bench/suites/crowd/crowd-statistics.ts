/** What a group of viewers experienced. */
export interface CrowdStatistics {
  /**
   * Delay of each good response, ms. It counts from the request, or from when the content was made if that
   * was later.
   */
  delaysMs: number[]
  /**
   * Number of failed requests by status of the response; 0 is for no response. Those in `turnedAway` do not
   * count.
   */
  errors: Map<number, number>
  /** Time of the last error that `errors` counts, ms of `performance.now()`; -Infinity without one. */
  lastErrorAt: number
  /** Connections that the server ended or refused. */
  dropped: number
  /** Responses 503 with Retry-After to newcomers. */
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

/** Returns the share of requests that got a good response within `ms`, percent. */
export function shareWithin(statistics: Pick<CrowdStatistics, 'delaysMs' | 'errors'>, ms: number): number {
  const { delaysMs } = statistics
  return (100 * delaysMs.filter((each) => each <= ms).length) / (delaysMs.length + errorCount(statistics))
}
