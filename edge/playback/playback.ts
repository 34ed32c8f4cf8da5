import type { KeyedBudget } from '../../core/mechanisms/keyed-budget.ts'
import { canonicalTarget } from '../../core/playback/canonical-target.ts'
import type { Access } from '../access/access.ts'
import { withoutCmcd } from '../experience/cmcd.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Cache } from '../objects/cache.ts'
import { badRequest, moving, notFound, notLive, showFull } from '../objects/failure.ts'
import type { MediaObject } from '../objects/media-object.ts'
import type { NegativeCache } from '../objects/negative-cache.ts'
import {
  createRequestParser,
  isOfChannel,
  isPlaylistRequest,
  type PlaybackRequest,
} from '../objects/playback-request.ts'
import type { Coalescer } from '../upstream/coalescing.ts'
import type { Loader, Outcome } from '../upstream/loader.ts'
import type { KnownOrigin, OriginTable } from '../upstream/origin-table.ts'
import type { OriginWatch } from '../upstream/origin-watch.ts'
import type { Admission } from './admission.ts'
import { createFlightEntry } from './flight-entry.ts'
import { createGuesses } from './guesses.ts'
import { createMediaFiles, isFileRequest } from './media-files.ts'
import { createMediaPlaylists } from './media-playlists.ts'
import { createObjectFetch } from './object-fetch.ts'
import { createRefresh } from './refresh.ts'
import type { Responder } from './responder.ts'
import { createStartBundles } from './start-bundles.ts'
import type { Stats } from './stats.ts'

export interface PlaybackOptions {
  access: Pick<Access, 'takeToken' | 'refusal' | 'isPeer' | 'isKnown'>
  admission: Admission
  cache: Pick<Cache, 'get' | 'put'>
  negativeCache: Pick<NegativeCache, 'get'>
  flights: Pick<Coalescer<Outcome>, 'enter' | 'isInFlight' | 'beganAt'>
  /** Limits the requests to origins that the clients of one address may cause. */
  budget: KeyedBudget
  loader: Loader
  origins: Pick<OriginTable, 'ofSession' | 'liveOn' | 'isMoving'>
  originWatch: Pick<OriginWatch, 'pollOnDemand'>
  responder: Responder
  stats: Stats
  /** The edge's clock: monotonic, ms. */
  now(): number
}

/**
 * Creates the handler of playback requests. It responds from memory if possible, otherwise from the origin.
 */
export function createPlayback(options: PlaybackOptions): (exchange: Exchange) => void {
  const { access, admission, cache, originWatch, responder, now } = options
  const fetchFor = createFetch(options)
  const originOf = createOriginLookup(options)
  const parse = createRequestParser()

  function serve(exchange: Exchange, request: PlaybackRequest, time: number) {
    const object = cache.get(request.key)
    if (isFresh(object, time)) return responder.send(exchange, object, time, 'hits')
    const { path } = request
    const refusal = access.refusal(exchange, path.slug)
    if (refusal !== undefined) return responder.refuse(exchange, refusal)
    const known = originOf(request)
    if (known !== undefined) return fetchFor(exchange, request, known)
    if (isOfChannel(path.kind))
      return responder.refuse(exchange, options.origins.isMoving(path.slug) ? moving : notLive)
    const polled = originWatch.pollOnDemand()
    if (polled === undefined) return responder.refuse(exchange, notFound)
    void polled.then(() => {
      if (exchange.isGone) return
      const found = originOf(request)
      if (found === undefined) responder.refuse(exchange, notFound)
      else fetchFor(exchange, request, found)
    })
  }

  /**
   * Handles a request again with the canonical form of its target. A target that is canonical already is
   * refused.
   */
  function refuseUnlessUnusual(exchange: Exchange) {
    const canonical = canonicalTarget(exchange.target)
    if (canonical === exchange.target) return responder.refuse(exchange, notFound)
    exchange.target = canonical
    handle(exchange)
  }

  function handle(exchange: Exchange) {
    const target = withoutCmcd(access.takeToken(exchange))
    const time = now()
    if (!admission.admits(exchange, target, time)) return responder.refuse(exchange, showFull())
    // Cache keys are canonical request targets, so most requests find their object without being parsed.
    const object = cache.get(target)
    if (isFresh(object, time)) return responder.send(exchange, object, time, 'hits')
    const request = parse(target)
    if (request === 400) responder.refuse(exchange, badRequest)
    else if (request === 404) refuseUnlessUnusual(exchange)
    else serve(exchange, request, time)
  }
  return handle
}

const isFresh = (object: MediaObject | undefined, time: number): object is MediaObject =>
  object !== undefined && object.freshUntil > time

/**
 * Returns a function that finds the origin of a request. It finds none while the playback rules are unknown,
 * and none when the session in the path belongs to another channel.
 */
function createOriginLookup({ access, origins }: PlaybackOptions) {
  return ({ path }: PlaybackRequest): KnownOrigin | undefined => {
    if (!access.isKnown) return undefined
    if (!('sessionId' in path)) return origins.liveOn(path.slug)
    const known = origins.ofSession(path.sessionId)
    return known?.origin.slug === path.slug ? known : undefined
  }
}

/** Returns a function that responds to a request for an object that is not in the cache or not fresh. */
function createFetch(options: PlaybackOptions) {
  const enter = createFlightEntry(options)
  const mayGuess = createGuesses(options)
  const refresh = createRefresh({ ...options, enter, mayGuess })
  const fetchObject = createObjectFetch({ ...options, enter })
  const startBundles = createStartBundles({ ...options, fetchObject })
  const mediaFiles = createMediaFiles({ ...options, enter, refresh, mayGuess })
  const mediaPlaylists = createMediaPlaylists({ ...options, enter, refresh, mayGuess, fetchObject })

  return (exchange: Exchange, request: PlaybackRequest, known: KnownOrigin) => {
    if (isPlaylistRequest(request)) mediaPlaylists(exchange, request, known)
    else if (isFileRequest(request)) mediaFiles(exchange, request, known)
    else if (request.class === 'start') startBundles(exchange, request, known)
    else fetchObject(exchange, request, known)
  }
}
