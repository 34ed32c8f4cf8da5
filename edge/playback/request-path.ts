import { createKeyedBudget } from '../../core/mechanisms/keyed-budget.ts'
import { multivariantPath } from '../../core/playback/media-paths.ts'
import { createPlaybackTokens } from '../../core/playback/playback-token.ts'
import type { EdgeKeys } from '../../core/process/cluster-keys.ts'
import type { Log } from '../../core/process/log.ts'
import { createAccess } from '../access/access.ts'
import { type RuleSource, watchRules } from '../access/rule-watch.ts'
import { createTokenVerifier } from '../access/token-verifier.ts'
import { createExperienceNotes } from '../experience/experience-notes.ts'
import { createBodyMemory } from '../http/body-memory.ts'
import { createCache, forgetEveryMs } from '../objects/cache.ts'
import { createNegativeCache } from '../objects/negative-cache.ts'
import type { OverloadState } from '../overload/overload-control.ts'
import type { Steer } from '../steering/steered-playlist.ts'
import { createCoalescer } from '../upstream/coalescing.ts'
import { createLoader, isFailure, type Outcome } from '../upstream/loader.ts'
import { createOriginTable } from '../upstream/origin-table.ts'
import { type OriginSource, watchOrigins } from '../upstream/origin-watch.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { createAudience } from '../viewers/audience.ts'
import { createObserver } from '../viewers/observer.ts'
import type { Viewers } from '../viewers/viewers.ts'
import { createAdmission } from './admission.ts'
import { createPlayback } from './playback.ts'
import { createResponder } from './responder.ts'
import { createStats, type Stats } from './stats.ts'

/** Sources of objects, origins and playback rules. */
export interface ClusterSources {
  origins: OriginSource
  rules: RuleSource
  /** Requests objects, from origins or shields. */
  upstream: Upstream
}

export interface RequestPathOptions {
  cacheBytes: number
  keys: EdgeKeys
  log: Log
  /** The edge's clock: monotonic, ms. */
  now: () => number
  viewers: Pick<Viewers, 'recordView'>
  overload: { readonly state: OverloadState }
  steer: Steer
  /** Maximum number of requests that wait for an origin, blocking reloads included. Further ones get 503. */
  maxWaiting: number
  /**
   * Maximum number of requests to origins that the clients of one address may cause per second; 0: no limit.
   */
  maxUpstreamPerAddress?: number
  /** Called with the id of each viewer who gets a media playlist, about once a minute per viewer. */
  onNewViewer?: ((viewer: number) => void) | undefined
}

export type RequestPath = ReturnType<typeof createRequestPath>

/**
 * Maximum length of one init segment, segment, part or start bundle, bytes; a quarter of the cache if that is
 * less.
 */
const maxMediaBytes = 64 << 20

/**
 * Creates the parts of an edge process that respond to requests, and what they know of the cluster. The
 * connections of clients are not among them.
 */
export function createRequestPath(sources: ClusterSources, options: RequestPathOptions) {
  const { cacheBytes, keys, log, now, overload } = options
  const stats = createStats()
  const memory = createBodyMemory()
  const cache = createCache(cacheBytes, memory.retire)
  const negativeCache = createNegativeCache()
  const forgetting = setInterval(cache.forgetUnused, forgetEveryMs)

  const rules = watchRules(sources.rules, { log })
  const verifier = createTokenVerifier(createPlaybackTokens(keys.tokenKey))
  const access = createAccess(rules, verifier, keys.peerKey)
  const origins = createOriginTable(({ slug, sessionId, state }) => {
    // The origin was added, removed or changed: a cached playlist or a cached `not_live` may be out of date.
    cache.delete(multivariantPath(slug))
    negativeCache.delete(multivariantPath(slug))
    if (state === 'ended') cache.endSession(sessionId)
  })
  const originWatch = watchOrigins(sources.origins, origins, { log, now })
  const loader = createLoader({
    cache,
    negativeCache,
    origins,
    upstream: sources.upstream,
    maxMediaBytes: Math.min(maxMediaBytes, cacheBytes / 4),
    isPrivate: access.isSigned,
    now,
    onOutcome: (kind, outcome) => countOutcome(stats.upstream[kind], outcome),
  })
  const flights = createCoalescer<Outcome>({ total: options.maxWaiting, now })

  const audience = createAudience({ onNew: options.onNewViewer })
  const experience = createExperienceNotes()
  const observer = createObserver({ viewers: options.viewers, audience, experience })
  const admission = createAdmission({ overload, access, origins, audience, observer })
  const responder = createResponder({ overload, access, observer, steer: options.steer, stats })
  const handle = createPlayback({
    access,
    admission,
    cache,
    negativeCache,
    flights,
    budget: createUpstreamBudget(options.maxUpstreamPerAddress ?? 0),
    loader,
    origins,
    originWatch,
    responder,
    stats,
    now,
  })

  return {
    handle,
    audience,
    experience,
    /** What this edge shares with other edges. */
    knowledge: { origins, rules, access },
    /** What the metrics are read from. */
    figures: { stats, cache, memory, flights, origins },

    /** Returns why viewers cannot be served; undefined if they can, even during a later outage of Redis. */
    problem(): string | undefined {
      if (!originWatch.hasRead) return 'the live registry was not read yet'
      return rules.areKnown ? undefined : 'no manager has written yet which channels are signed'
    },

    /** Reads the rules once. Resolves when the origins are known too, or after `timeoutMs` without them. */
    firstRead: async (timeoutMs: number): Promise<void> => {
      await Promise.all([originWatch.firstRead(timeoutMs), rules.refresh()])
    },

    close(): void {
      clearInterval(forgetting)
      memory.close()
      originWatch.close()
      rules.close()
      flights.close()
      sources.upstream.close()
    },
  }
}

function countOutcome(counts: Stats['upstream'][keyof Stats['upstream']], outcome: Outcome) {
  if (isFailure(outcome)) counts.failures += 1
  else {
    counts.responses += 1
    counts.bytes += outcome.length
  }
}

/** Limits the requests to origins that the clients of one address cause. A burst may be twice `perSecond`. */
const createUpstreamBudget = (perSecond: number) => createKeyedBudget({ perSecond, burst: 2 * perSecond })
