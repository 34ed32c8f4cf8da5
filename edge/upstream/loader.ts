import type { Cache } from '../objects/cache.ts'
import { type Failure, failureOf, originError, unreachable } from '../objects/failure.ts'
import { lifetimeOf } from '../objects/lifetime.ts'
import { createMediaObject, type MediaObject } from '../objects/media-object.ts'
import type { NegativeCache } from '../objects/negative-cache.ts'
import {
  isOfChannel,
  isPlaylist,
  mayBeHeld,
  type ObjectClass,
  type PlaybackRequest,
} from '../objects/playback-request.ts'
import { learn } from '../outline/learn.ts'
import { asPrivate, withoutScope } from './cache-scope.ts'
import { isResponse } from './origin-request.ts'
import type { KnownOrigin, OriginTable } from './origin-table.ts'
import type { Upstream } from './upstream.ts'

/** Result of a request to the origin. */
export type Outcome = MediaObject | Failure

export const isFailure = (outcome: Outcome): outcome is Failure => 'status' in outcome

export interface LoaderOptions {
  cache: Pick<Cache, 'put' | 'delete'>
  negativeCache: Pick<NegativeCache, 'put'>
  origins: Pick<OriginTable, 'liveOn'>
  upstream: Pick<Upstream, 'fetch'>
  maxMediaBytes: number
  /**
   * Whether the channel is signed, so that caches between the edge and the viewer must not keep its objects.
   */
  isPrivate(slug: string): boolean
  now: () => number
  /** Called for each response and failure of an origin. */
  onOutcome(kind: ObjectClass, outcome: Outcome): void
}

/** A request for the origin. `isGuess`: it may be for something that does not exist. */
export interface UpstreamWish extends PlaybackRequest {
  isGuess?: boolean
}

const maxPlaylistBytes = 1 << 20
/** Time within which a session moves whose origin has died, ms. */
const movesWithinMs = 1500

export type Loader = ReturnType<typeof createLoader>

/** Loads objects from their origins into the cache. A failure never replaces a good object. */
export function createLoader(options: LoaderOptions) {
  const { cache, negativeCache, origins, upstream, maxMediaBytes, isPrivate, now, onOutcome } = options

  async function request(wanted: UpstreamWish, { origin }: KnownOrigin, signal: AbortSignal) {
    const response = await upstream.fetch({
      url: origin.url,
      target: wanted.key,
      isHeld: mayBeHeld(wanted.class),
      isGuess: wanted.isGuess === true,
      maxBodyBytes: isPlaylist(wanted.class) ? maxPlaylistBytes : maxMediaBytes,
      signal,
    })
    if (!isResponse(response)) return response
    if (response.status !== 200) return failureOf(response.status, wanted.class)
    if ((response.contentEncoding ?? 'identity') !== 'identity') return originError
    const isSigned = isPrivate(origin.slug)
    // The edge checks tokens itself, so it may keep objects of signed channels even if the origin sent
    // `private`.
    const cacheControl = isSigned ? withoutScope(response.cacheControl) : response.cacheControl
    return createMediaObject({
      key: wanted.key,
      class: wanted.class,
      slug: origin.slug,
      sessionId: origin.sessionId,
      rendition: 'rendition' in wanted.path ? wanted.path.rendition : null,
      body: response.body,
      contentType: response.contentType,
      cacheControl: isSigned ? asPrivate(cacheControl) : cacheControl,
      madeAt: now() - response.age * 1000,
      lifetime: lifetimeOf(wanted.class, cacheControl),
    })
  }

  async function attempt(wanted: UpstreamWish, known: KnownOrigin, signal: AbortSignal) {
    const askedAt = now()
    const { url } = known.origin
    const isHeld = mayBeHeld(wanted.class)
    const outcome: Outcome = await known.moves.follow({ signal, isHeld }, (own) =>
      request(wanted, known, own),
    )
    onOutcome(wanted.class, outcome)
    const isOutdated =
      isFailure(outcome) &&
      !signal.aborted &&
      (known.origin.url !== url || isSuperseded(outcome, wanted, known, askedAt))
    return { outcome, askedAt, isOutdated }
  }

  function keep(wanted: PlaybackRequest, known: KnownOrigin, object: MediaObject) {
    // A multivariant playlist or start bundle is that of the live session. If another session has taken over
    // meanwhile, it is not kept.
    if (isOfChannel(wanted.path.kind) && origins.liveOn(object.slug) !== known) return
    const { isKept, outdated } = learn(known.media, wanted, object, now())
    for (const key of outdated) cache.delete(key)
    if (isKept && object.freshUntil > object.madeAt) cache.put(object)
  }

  return {
    /**
     * Loads one object. Tries once more if the failure may be outdated: the origin has moved meanwhile, or a
     * newer playlist has arrived. When an origin dies while it holds a request, the session probably moves
     * soon, and the request waits for that.
     */
    async load(wanted: UpstreamWish, known: KnownOrigin, signal: AbortSignal): Promise<Outcome> {
      const first = await attempt(wanted, known, signal)
      const mayRepeat = first.isOutdated || (await movesAfter(first.outcome, wanted, known, signal))
      const { outcome, askedAt } = mayRepeat ? await attempt(wanted, known, signal) : first
      if (!isFailure(outcome)) keep(wanted, known, outcome)
      else if (!signal.aborted) negativeCache.put(wanted.key, outcome, askedAt, now())
      return outcome
    },
  }
}

/** Waits for another origin in place of one that could not be reached. Returns whether there is one. */
async function movesAfter(outcome: Outcome, wanted: UpstreamWish, known: KnownOrigin, signal: AbortSignal) {
  return (
    outcome === unreachable &&
    mayBeHeld(wanted.class) &&
    known.origin.state === 'live' &&
    (await known.moves.next(movesWithinMs, signal))
  )
}

/**
 * Whether a refusal (400 or 404) may be outdated, because a playlist of the rendition has arrived since the
 * origin was asked.
 */
function isSuperseded(
  failure: Failure,
  wanted: PlaybackRequest,
  known: KnownOrigin,
  askedAt: number,
): boolean {
  if (failure.status !== 404 && failure.status !== 400) return false
  if (!('rendition' in wanted.path)) return false
  return (known.media.of(wanted.path.rendition)?.arrivedAt ?? -Infinity) >= askedAt
}
