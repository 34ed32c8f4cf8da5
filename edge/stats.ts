import type { Failure } from './objects/failure.ts'
import { type ObjectClass, objectClasses } from './objects/playback-request.ts'

/** Plain counters, cheap enough for every request; metrics read them when they are asked for. */
export interface Stats {
  /** Answered from memory. */
  hits: number
  /** Answered with a lapsed playlist, because a refresh was on its way or failed. */
  stale: number
  /** Started a flight. */
  misses: number
  /** Joined somebody else's flight. */
  coalesced: number
  /** Playlists that went out without their parts. */
  relaxed: number
  /** Bytes of bodies given to viewers. */
  bytes: number
  failures: Map<Failure['reason'], number>
  upstream: Record<ObjectClass, { answers: number; failures: number; bytes: number }>
}

export function createStats(): Stats {
  const upstream = Object.fromEntries(
    objectClasses.map((kind) => [kind, { answers: 0, failures: 0, bytes: 0 }]),
  ) as Stats['upstream']
  return { hits: 0, stale: 0, misses: 0, coalesced: 0, relaxed: 0, bytes: 0, failures: new Map(), upstream }
}

export function countFailure(stats: Stats, failure: Failure): void {
  stats.failures.set(failure.reason, (stats.failures.get(failure.reason) ?? 0) + 1)
}
