import type { MediaFault } from './media/body-store.ts'

/** Kinds of requests. `bundle` is the start bundle, `init` an init segment, `media` a part or segment. */
export type RequestKind = 'multivariant' | 'bundle' | 'playlist' | 'init' | 'media'

/** Why a request failed: it took too long, there was no whole response, or the status of the response. */
export type RequestError = 'timeout' | 'connection' | number

/**
 * State of a viewer. `refused`: the server responded with Retry-After. `lost`: the player has given up and is
 * about to be started again. `left`: the viewer does nothing more.
 */
type ViewerPhase = 'joining' | 'playing' | 'stalled' | 'refused' | 'lost' | 'left'

/**
 * Why a viewer left. `asked`: `leave` was called. `impatient`: there was no picture for too long. `ended`:
 * the show was over.
 */
export type LeaveReason = 'asked' | 'impatient' | 'ended'

/** What one viewer experienced so far. Times are ms. */
export interface ViewerFigures {
  phase: ViewerPhase
  leaveReason: LeaveReason | undefined
  /** Time from the start to the first frame; undefined before it. */
  joinMs: number | undefined
  /** Number of stalls that began, and time of all stalls that have ended. */
  stalls: number
  stalledMs: number
  /** Time for which the picture moved, until the last change of the phase. */
  playedMs: number
  /** Latency, one sample a second while playing. Only the newest `maxLatencySamples` are kept. */
  latenciesMs: number[]
  /** Number of changes of the variant. */
  switches: number
  requests: Record<RequestKind, number>
  /** Bytes of response bodies. */
  bytes: Record<RequestKind, number>
  errors: Map<RequestError, number>
  /** When a request failed last, ms of `performance.now()`; -Infinity before. */
  lastErrorAt: number
  /** Number of times that the player gave up and had to be started again. */
  losses: number
  /** Number of responses 503 or 429 with Retry-After to a viewer who joins. They do not count as errors. */
  refusals: number
  /** Number of connections that the server ended or refused. */
  drops: number
  /** What was wrong with media and playlists, and how often. */
  faults: Map<MediaFault, number>
}

/** Maximum number of latency samples that are kept of a viewer. */
export const maxLatencySamples = 3600

const noCounts = (): Record<RequestKind, number> => ({
  multivariant: 0,
  bundle: 0,
  playlist: 0,
  init: 0,
  media: 0,
})

export const newFigures = (): ViewerFigures => ({
  phase: 'joining',
  leaveReason: undefined,
  joinMs: undefined,
  stalls: 0,
  stalledMs: 0,
  playedMs: 0,
  latenciesMs: [],
  switches: 0,
  requests: noCounts(),
  bytes: noCounts(),
  errors: new Map(),
  lastErrorAt: Number.NEGATIVE_INFINITY,
  losses: 0,
  refusals: 0,
  drops: 0,
  faults: new Map(),
})

/** Adds one to the count of `key`. A key that is not in the map has the count 0. */
export function countOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
