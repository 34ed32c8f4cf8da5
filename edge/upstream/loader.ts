import type { Cache } from '../objects/cache.ts'
import { type Failure, failureOf, originError } from '../objects/failure.ts'
import { lifetimeOf } from '../objects/lifetime.ts'
import { createMediaObject, type MediaObject } from '../objects/media-object.ts'
import type { Refusals } from '../objects/negative-cache.ts'
import { isPlaylist, mayBeHeld, type ObjectClass, type Wanted } from '../objects/playback-request.ts'
import type { KnownOrigin, OriginTable } from './origin-table.ts'
import type { UpstreamAnswer, UpstreamRequest } from './upstream.ts'

/** What there is to tell a viewer in the end. */
export type Outcome = MediaObject | Failure

export const isFailure = (outcome: Outcome): outcome is Failure => 'status' in outcome

export interface LoaderParts {
  cache: Cache
  refusals: Refusals
  origins: Pick<OriginTable, 'ofSession' | 'liveOn'>
  upstream: { fetch(request: UpstreamRequest): Promise<UpstreamAnswer | Failure> }
  /** Whether nobody on the way may keep what is of this channel. */
  isPrivate(slug: string): boolean
  now: () => number
  /** Told of each answer and failure of an origin. */
  onAnswer(kind: ObjectClass, outcome: Outcome): void
}

const longestPlaylist = 1 << 20
const longestMedia = 64 << 20

export type Loader = ReturnType<typeof createLoader>

/** Brings one object from its origin into the cache. An error is never put in the place of a good object. */
export function createLoader(parts: LoaderParts, cacheBytes: number) {
  const { cache, refusals, origins, upstream, isPrivate, now, onAnswer } = parts

  async function ask(wanted: Wanted, { origin }: KnownOrigin, signal: AbortSignal): Promise<Outcome> {
    const answer = await upstream.fetch({
      url: origin.url,
      target: wanted.key,
      isHeld: mayBeHeld(wanted.class),
      longestBody: isPlaylist(wanted.class) ? longestPlaylist : Math.min(longestMedia, cacheBytes / 4),
      signal,
    })
    if (!('body' in answer)) return answer
    if (answer.status !== 200) return failureOf(answer.status, wanted.class)
    if ((answer.contentEncoding ?? 'identity') !== 'identity') return originError
    const isSigned = isPrivate(origin.slug)
    // Another edge further up says `private` too: that is meant for caches that ask nobody for a token.
    const cacheControl = isSigned ? withoutScope(answer.cacheControl) : answer.cacheControl
    return createMediaObject({
      key: wanted.key,
      class: wanted.class,
      slug: origin.slug,
      sessionId: origin.sessionId,
      rendition: wanted.path.kind === 'multivariant' ? null : wanted.path.rendition,
      body: answer.body,
      contentType: answer.contentType,
      cacheControl: isSigned ? privately(cacheControl) : cacheControl,
      madeAt: now() - answer.age * 1000,
      lifetime: lifetimeOf(wanted.class, cacheControl),
    })
  }

  function keep(wanted: Wanted, known: KnownOrigin, object: MediaObject) {
    // A channel's playlist belongs to whatever session is live: one that was overtaken while it was fetched is not kept.
    if (wanted.path.kind === 'multivariant' && origins.liveOn(object.slug) !== known) return
    if (wanted.path.kind === 'playlist') known.playlistAt.set(wanted.path.rendition, now())
    if (object.freshUntil > object.madeAt) cache.put(object)
  }

  return {
    async load(wanted: Wanted, known: KnownOrigin, signal: AbortSignal): Promise<Outcome> {
      let askedAt = now()
      let from = known.origin.url
      let outcome = await ask(wanted, known, signal)
      onAnswer(wanted.class, outcome)
      if (
        isFailure(outcome) &&
        !signal.aborted &&
        (isVoid(outcome, wanted, known, askedAt) || known.origin.url !== from)
      ) {
        askedAt = now()
        from = known.origin.url
        outcome = await ask(wanted, known, signal)
        onAnswer(wanted.class, outcome)
      }
      if (!isFailure(outcome)) keep(wanted, known, outcome)
      else if (!signal.aborted) refusals.put(wanted.key, outcome, askedAt, now())
      return outcome
    },
  }
}

/** The player may keep it, caches between may not: they would give it to whoever has the URL, good token or not (RFC 9111 5.2.2.7). */
const privately = (cacheControl: string | undefined) =>
  cacheControl === undefined ? 'private' : `private, ${cacheControl}`

const withoutScope = (cacheControl: string | undefined) =>
  cacheControl?.replace(/\b(?:public|private)\b,? */g, '')

/** Whether a refusal may be wrong by now, because a playlist that is newer than the question came in the meantime. */
function isVoid(failure: Failure, wanted: Wanted, known: KnownOrigin, askedAt: number): boolean {
  if (failure.status !== 404 && failure.status !== 400) return false
  if (wanted.path.kind === 'multivariant') return false
  return (known.playlistAt.get(wanted.path.rendition) ?? -Infinity) >= askedAt
}
