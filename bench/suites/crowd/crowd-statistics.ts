import type { RequestError, RequestKind, ViewerFigures } from '../../viewer/figures.ts'

export type CrowdStatistics = ReturnType<typeof createCrowdStatistics>

/** Creates the figures of what a group of viewers experiences. They start at zero. */
export function createCrowdStatistics() {
  const viewers: ViewerFigures[] = []
  const sum = (of: (figures: ViewerFigures) => number) =>
    viewers.reduce((total, figures) => total + of(figures), 0)
  const faultsOf = ({ faults }: ViewerFigures) => [...faults.values()].reduce((one, other) => one + other, 0)

  return {
    /**
     * Time from request to response, ms, for each media playlist, part and segment. A blocking reload counts
     * from the time when its part or segment was made, if that is later.
     */
    delaysMs: [] as number[],
    /** Number of failed requests by status; 0 is a request whose response was late, incomplete or missing. */
    errors: new Map<number, number>(),
    /** Number of requests in each tenth of a second, by `performance.now()` / 100. */
    sent: new Map<number, number>(),
    /** Number of requests that viewers make only to join. */
    joinRequests: 0,
    /** Counts a request that is sent at this moment. */
    noteSent(kind: RequestKind) {
      const bin = Math.floor(performance.now() / 100)
      this.sent.set(bin, (this.sent.get(bin) ?? 0) + 1)
      if (kind === 'multivariant' || kind === 'bundle') this.joinRequests++
    },
    /** Adds the figures of a viewer, which the viewer keeps up to date. */
    add: (figures: ViewerFigures) => void viewers.push(figures),
    /** Records the end of a request that was sent, or became possible, at `since`, ms. */
    note(kind: RequestKind, since: number, error: RequestError | undefined) {
      if (error === undefined) {
        if (kind === 'playlist' || kind === 'media') this.delaysMs.push(performance.now() - since)
        return
      }
      const status = typeof error === 'number' ? error : 0
      this.errors.set(status, (this.errors.get(status) ?? 0) + 1)
    },
    /** Time of the last failed request, ms of `performance.now()`; -Infinity before the first one. */
    get lastErrorAt() {
      return Math.max(...viewers.map((figures) => figures.lastErrorAt))
    },
    /** Number of connections that the server ended or refused. */
    get dropped() {
      return sum(({ drops }) => drops)
    },
    /** Number of responses 503 or 429 with Retry-After to newcomers. They do not count as errors. */
    get turnedAway() {
      return sum(({ refusals }) => refusals)
    },
    /** Number of viewers who have seen a picture. */
    get admitted() {
      return this.joinsMs.length
    },
    get joinsMs() {
      return viewers.flatMap(({ joinMs }) => joinMs ?? [])
    },
    /** Number of viewers whose picture moves. */
    get playing() {
      return viewers.filter(({ phase }) => phase === 'playing').length
    },
    /** Number of times that a player gave up and had to be started again. */
    get losses() {
      return sum(({ losses }) => losses)
    },
    get stalls() {
      return sum(({ stalls }) => stalls)
    },
    /** Number of faults in media and playlists. */
    get faults() {
      return sum(faultsOf)
    },
  }
}

export const errorCount = ({ errors }: Pick<CrowdStatistics, 'errors'>): number =>
  [...errors.values()].reduce((sum, count) => sum + count, 0)

/** Returns the share of requests that succeeded with a delay of at most `ms`, percent. */
export function shareWithin(statistics: Pick<CrowdStatistics, 'delaysMs' | 'errors'>, ms: number): number {
  const { delaysMs } = statistics
  return (100 * delaysMs.filter((each) => each <= ms).length) / (delaysMs.length + errorCount(statistics))
}
