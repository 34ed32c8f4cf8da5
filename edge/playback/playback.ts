import type { Access } from '../access/access.ts'
import { withoutCmcd } from '../experience/cmcd.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Cache } from '../objects/cache.ts'
import {
  badRequest,
  edgeBusy,
  type Failure,
  moving,
  notFound,
  notLive,
  showFull,
} from '../objects/failure.ts'
import type { MediaObject } from '../objects/media-object.ts'
import type { NegativeCache } from '../objects/negative-cache.ts'
import { isOfChannel, type PlaybackRequest, parsePlaybackRequest } from '../objects/playback-request.ts'
import type { Coalescer } from '../upstream/coalescing.ts'
import { isFailure, type Loader, type Outcome } from '../upstream/loader.ts'
import type { KnownOrigin, OriginTable } from '../upstream/origin-table.ts'
import type { OriginWatch } from '../upstream/origin-watch.ts'
import type { Admission } from './admission.ts'
import type { Responder } from './responder.ts'
import type { Stats } from './stats.ts'

export interface PlaybackOptions {
  access: Pick<Access, 'takeToken' | 'refusal' | 'isPeer' | 'isKnown'>
  admission: Admission
  cache: Pick<Cache, 'get'>
  negativeCache: Pick<NegativeCache, 'get'>
  flights: Pick<Coalescer<Outcome>, 'enter' | 'isInFlight'>
  loader: Loader
  origins: Pick<OriginTable, 'ofSession' | 'liveOn' | 'isMoving'>
  originWatch: Pick<OriginWatch, 'pollOnDemand'>
  responder: Responder
  stats: Stats
  /** The edge's clock: monotonic, ms. */
  now(): number
}

/** Creates the handler of playback requests. It responds from memory where possible, else from the origin. */
export function createPlayback(options: PlaybackOptions): (exchange: Exchange) => void {
  const { access, admission, cache, originWatch, responder, now } = options
  const fetchFor = createFetch(options)
  const originOf = createOriginLookup(options)

  function serve(exchange: Exchange, request: PlaybackRequest, time: number) {
    const object = cache.get(request.key)
    if (isFresh(object, time)) return responder.send(exchange, object, time, 'hits')
    const { path } = request
    const refusal = access.refusal(exchange, path.slug)
    if (refusal !== undefined) return responder.refuse(exchange, refusal)
    const known = originOf(request)
    if (known !== undefined) return fetchFor(exchange, request, known, object, time)
    if (isOfChannel(path.kind))
      return responder.refuse(exchange, options.origins.isMoving(path.slug) ? moving : notLive)
    const polled = originWatch.pollOnDemand()
    if (polled === undefined) return responder.refuse(exchange, notFound)
    void polled.then(() => {
      if (exchange.isGone) return
      const found = originOf(request)
      if (found === undefined) responder.refuse(exchange, notFound)
      else fetchFor(exchange, request, found, undefined, now())
    })
  }

  return function handle(exchange) {
    const target = withoutCmcd(access.takeToken(exchange))
    const time = now()
    if (!admission.admits(exchange, target, time)) return responder.refuse(exchange, showFull())
    // Keys are canonical request targets, so most requests find their object before they are parsed.
    const object = cache.get(target)
    if (isFresh(object, time)) return responder.send(exchange, object, time, 'hits')
    const request = parsePlaybackRequest(target)
    if (request === 400) responder.refuse(exchange, badRequest)
    else if (request === 404) responder.refuse(exchange, notFound)
    else serve(exchange, request, time)
  }
}

const isFresh = (object: MediaObject | undefined, time: number): object is MediaObject =>
  object !== undefined && object.freshUntil > time

/**
 * Returns a function that finds the origin of a request. It finds none while the playback rules are unknown,
 * and none for a session of another channel.
 */
function createOriginLookup({ access, origins }: PlaybackOptions) {
  return ({ path }: PlaybackRequest): KnownOrigin | undefined => {
    if (!access.isKnown) return undefined
    if (!('sessionId' in path)) return origins.liveOn(path.slug)
    const known = origins.ofSession(path.sessionId)
    return known?.origin.slug === path.slug ? known : undefined
  }
}

/**
 * Returns a function that responds with an object from the origin or, when that is not possible now, with an
 * expired playlist or a failure.
 */
function createFetch({
  access,
  cache,
  negativeCache,
  flights,
  loader,
  responder,
  stats,
  now,
}: PlaybackOptions) {
  /** Sends an expired playlist that is still usable instead of a 5xx failure; otherwise refuses. */
  function sendLastOrRefuse(exchange: Exchange, key: string, failure: Failure) {
    const last = failure.status >= 500 ? cache.get(key) : undefined
    const time = now()
    if (last === undefined || last.usableWhenFailing <= time) responder.refuse(exchange, failure)
    else responder.send(exchange, last, time, 'stale')
  }

  return (
    exchange: Exchange,
    request: PlaybackRequest,
    known: KnownOrigin,
    expired: MediaObject | undefined,
    time: number,
  ) => {
    const { path, key } = request
    // Flights to different sessions have different keys, so that no viewer joins one to a session that was
    // replaced.
    const flight = isOfChannel(path.kind) ? `${key} ${known.origin.sessionId}` : key
    const mayBeExpired =
      expired !== undefined && expired.usableWhileRefreshing > time && flights.isInFlight(flight)
    // Another edge would ask again at once when it got an expired playlist, so it waits for the new one.
    if (mayBeExpired && !access.isPeer(exchange)) return responder.send(exchange, expired, time, 'stale')
    const playlistAt = 'rendition' in path ? known.playlistAt.get(path.rendition) : undefined
    const refusal = negativeCache.get(key, time, playlistAt ?? -Infinity)
    if (refusal !== undefined) return sendLastOrRefuse(exchange, key, refusal)
    const entered = flights.enter(exchange, {
      key: flight,
      whenLeft: request.class === 'held_playlist' ? 'abort' : 'keep',
      begin: (signal) => loader.load(request, known, signal),
      conclude(outcome) {
        if (isFailure(outcome)) sendLastOrRefuse(exchange, key, outcome)
        else responder.send(exchange, outcome, now())
      },
    })
    if (entered === 'full') responder.refuse(exchange, edgeBusy)
    else if (entered === 'joined') stats.coalesced += 1
    else stats.misses += 1
  }
}
