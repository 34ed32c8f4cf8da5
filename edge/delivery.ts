import { multivariantPath } from '../core/playback/media-paths.ts'
import { createPlaybackTokens } from '../core/playback/playback-token.ts'
import type { Log } from '../core/process/log.ts'
import { createAccess } from './access/access.ts'
import { type RuleSource, watchRules } from './access/rule-watch.ts'
import { createTicketDesk } from './access/verified-token.ts'
import { createExperienceNotes } from './experience/experience-notes.ts'
import { createBodyMemory } from './http/body-memory.ts'
import { createSlowReaders } from './http/slow-clients.ts'
import { createCache, forgetEveryMs } from './objects/cache.ts'
import { createRefusals } from './objects/negative-cache.ts'
import { type Gate, openGate } from './overload/overload-control.ts'
import { createPlayback } from './playback.ts'
import { createStats } from './stats.ts'
import type { Steer } from './steering/steered-playlist.ts'
import { createCoalescer } from './upstream/coalescing.ts'
import { createLoader, isFailure, type Outcome } from './upstream/loader.ts'
import { createOriginTable } from './upstream/origin-table.ts'
import { type OriginSource, watchOrigins } from './upstream/origin-watch.ts'
import { createUpstream, type Upstream, type UpstreamOptions } from './upstream/upstream.ts'
import { createWaitingRoom } from './upstream/waiting-room.ts'
import { type AudienceOptions, createAudience } from './viewers/audience.ts'
import { createObserver } from './viewers/observer.ts'
import type { Viewers } from './viewers/viewers.ts'

export interface DeliveryOptions extends UpstreamOptions {
  cacheBytes: number
  log: Log
  /** The edge's clock: ms, never running backwards. */
  now: () => number
  /** An answer must have left the process so long after it was given, ms. */
  drainDeadlineMs?: number
  /** Who is told of viewers. */
  viewers: Pick<Viewers, 'saw'>
  /** What is done about the load just now. */
  gate?: Gate
  /** Requests that wait for an origin at one time. */
  maxWaiting?: number
  /** Told of viewers who begin to watch. */
  onNewViewer?: AudienceOptions['onNew']
  /** Adds content steering to what it is given; by default nobody is steered. */
  steer?: Steer
  /** Asked in the place of origins. */
  shields?: Upstream
}

export type Delivery = ReturnType<typeof createDelivery>

/** All of an edge but its sockets: put together here, so that another front end (TLS, HTTP/2, raw sockets) can drive the same parts. */
export function createDelivery(source: OriginSource, ruleSource: RuleSource, options: DeliveryOptions) {
  const {
    cacheBytes,
    log,
    now,
    viewers,
    drainDeadlineMs = 30_000,
    gate = openGate,
    maxWaiting = 20_000,
    steer = (_, object) => object,
  } = options
  const audience = createAudience(options.onNewViewer ? { onNew: options.onNewViewer } : {})
  const memory = createBodyMemory()
  const cache = createCache(cacheBytes, memory.retire)
  const forgetting = setInterval(cache.forgetUnused, forgetEveryMs)
  const refusals = createRefusals()
  const flights = createCoalescer<Outcome>()
  const upstream = options.shields ?? createUpstream(options)
  const slowReaders = createSlowReaders(drainDeadlineMs, now)
  const stats = createStats()
  const experience = createExperienceNotes()

  const rules = watchRules(ruleSource, options)
  const tickets = createTicketDesk(createPlaybackTokens(options.clusterSecret))
  const access = createAccess(rules, tickets, options.clusterSecret)

  const origins = createOriginTable(({ slug, sessionId, state }) => {
    // What a channel shows changed: neither its former playlist nor "not there" may be said any longer.
    cache.delete(multivariantPath(slug))
    refusals.delete(multivariantPath(slug))
    if (state === 'ended') cache.endSession(sessionId)
  })
  const watch = watchOrigins(source, origins, { log, now })
  const loader = createLoader(
    {
      cache,
      refusals,
      origins,
      upstream,
      isPrivate: access.isSigned,
      now,
      onAnswer(kind, outcome) {
        const counts = stats.upstream[kind]
        if (isFailure(outcome)) counts.failures += 1
        else {
          counts.answers += 1
          counts.bytes += outcome.length
        }
      },
    },
    cacheBytes,
  )
  const handle = createPlayback({
    cache,
    refusals,
    access,
    isInFlight: flights.isInFlight,
    waitingRoom: createWaitingRoom(flights, { total: maxWaiting }),
    loader,
    origins,
    watch,
    observer: createObserver({ viewers, audience, experience }),
    audience,
    gate,
    stats,
    steer,
    now,
  })

  return {
    handle,
    stats,
    gate,
    audience,
    cache,
    memory,
    flights,
    origins,
    rules,
    access,
    slowReaders,
    /** What players told. */
    experience,

    /** Why viewers cannot be served; undefined when they can. Redis being away later is no reason. */
    problem() {
      if (!watch.hasLooked) return 'the live registry was not read yet'
      return rules.areKnown ? undefined : 'no manager has told yet which channels are signed'
    },

    /** Resolves when it is known what is live, or after `timeoutMs`. */
    firstLook: async (timeoutMs: number): Promise<void> => {
      await Promise.all([watch.firstLook(timeoutMs), rules.look()])
    },

    close(): void {
      clearInterval(forgetting)
      memory.close()
      watch.close()
      rules.close()
      slowReaders.close()
      flights.close()
      upstream.close()
    },
  }
}
