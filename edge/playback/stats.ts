import type { Failure } from '../objects/failure.ts'
import { type ObjectClass, objectClasses } from '../objects/playback-request.ts'

/** Counters of one process, cheap enough for every request. Metrics read them when they are scraped. */
export interface Stats {
  /** Responses from memory. */
  hits: number
  /** Responses with an expired playlist, because a refresh was in progress or failed. */
  stale: number
  /** Requests for which an object was requested from the origin. */
  misses: number
  /** Requests that waited for an object which had been requested from the origin before. */
  coalesced: number
  /** Media playlists sent without parts, during overload. */
  relaxed: number
  /** Bytes of the bodies of objects that were sent to viewers and other edges. */
  bytes: number
  failures: Map<Failure['reason'], number>
  upstream: Record<ObjectClass, { responses: number; failures: number; bytes: number }>
}

export function createStats(): Stats {
  const upstream = Object.fromEntries(
    objectClasses.map((kind) => [kind, { responses: 0, failures: 0, bytes: 0 }]),
  ) as Stats['upstream']
  return { hits: 0, stale: 0, misses: 0, coalesced: 0, relaxed: 0, bytes: 0, failures: new Map(), upstream }
}

export function countFailure(stats: Stats, { reason }: Failure): void {
  stats.failures.set(reason, (stats.failures.get(reason) ?? 0) + 1)
}
