import { deltaOf } from '../objects/delta-playlist.ts'
import { heldControl, plainControl } from '../objects/lifetime.ts'
import { createMediaObject, headerOf, type MediaObject } from '../objects/media-object.ts'
import { endsBefore, type Outline, type PartPlace, readOutline } from './outline.ts'

/** Time since the last playlist, in target durations, after which one that ends earlier is accepted. */
const staleAfter = 3

/** Form in which a client gets a media playlist. */
export interface PlaylistForm {
  /** Whether the client sent a blocking request, the response to which has a longer lifetime. */
  isHeld: boolean
  acceptsDelta: boolean
}

/**
 * What an edge knows of a rendition: its newest media playlist, and the newest part that a client got. A
 * player that follows hints has a part before playlists list it, and must never get a playlist that lacks a
 * part that it has. Times are ms of the edge's clock.
 */
export class KnownRendition {
  /** Undefined unless a playlist has arrived and the newest one could be read. */
  outline: Outline | undefined
  /**
   * When a playlist last arrived from the origin. Failures of requests that were sent before that are void,
   * because the playlist may list what was missing.
   */
  arrivedAt = -Infinity
  /** Whether there is no source: the origin has responded to a blocking request without what it named. */
  isStill = false
  #playlist: MediaObject | undefined
  #given: PartPlace | undefined
  /**
   * `#variants`: the forms of the newest playlist that were made so far. `#outdated`: cache keys of forms
   * that must not be sent any more.
   */
  #variants: (PlaylistForm & { variant: MediaObject })[] = []
  #outdated: string[] = []

  /** The newest playlist; undefined while `outline` is. */
  get playlist(): MediaObject | undefined {
    return this.#playlist
  }

  /** The newest part that a client got, if the playlist does not list it; otherwise undefined. */
  get missing(): PartPlace | undefined {
    const [outline, given] = [this.outline, this.#given]
    return outline && given && !outline.isEnded && endsBefore(outline, given) ? given : undefined
  }

  /**
   * Takes a playlist that has arrived. Returns false when it cannot be read, and callers then use it as it
   * is. A playlist that ends before the known one is dropped, because responses may arrive out of order.
   */
  learn(object: MediaObject, time: number): boolean {
    const [known, knownAt] = [this.outline, this.arrivedAt]
    const outline = readOutline(object.plain.body.toString(), known)
    this.arrivedAt = time
    if (outline === undefined) {
      this.outline = undefined
      this.#playlist = undefined
      return false
    }
    const isEarlier = known !== undefined && !outline.isEnded && endsEarlier(outline, known)
    if (isEarlier && time - knownAt < staleAfter * outline.targetDuration * 1000) return true
    this.isStill = object.class === 'held_playlist' && headerOf(object, 'cache-control') === 'no-store'
    this.outline = outline
    this.#playlist = object
    this.#dropVariants()
    return true
  }

  /** Records that a part has arrived. Clients get it from now on. */
  give(place: PartPlace): void {
    const given = this.#given
    if (given === undefined || given.msn < place.msn || (given.msn === place.msn && given.part < place.part))
      this.#given = place
    if (this.missing !== undefined) this.#dropVariants()
  }

  #dropVariants(): void {
    for (const { variant } of this.#variants) this.#outdated.push(variant.key)
    this.#variants = []
  }

  /** Returns the keys of variants that must not be sent from the cache any more, and forgets them. */
  takeOutdated(): string[] {
    const keys = this.#outdated
    this.#outdated = []
    return keys
  }

  /**
   * To be called when the session moves to another origin, which may never have the newest part that a client
   * got.
   */
  move(): void {
    this.#given = undefined
  }

  /** Removes a segment that the origin does not have any more. */
  forget(msn: number): void {
    this.outline?.segments.delete(msn)
  }

  /** Age up to which a playlist counts as the newest one without asking the origin, ms. */
  get #freshMs(): number {
    return plainSeconds(this.outline) * 1000
  }

  /** Whether the playlist may be sent without asking the origin again. */
  isCurrent(time: number): boolean {
    return this.#age(time) < this.#freshMs && this.missing === undefined && !this.isStill
  }

  /**
   * Whether the playlist is young enough to be sent while another request refreshes it, or while the origin
   * fails.
   */
  isUsable(time: number, during: 'refresh' | 'failure'): boolean {
    const factor = during === 'refresh' ? 2 : 4
    const isWhole = during === 'failure' || this.missing === undefined
    return this.#age(time) < factor * this.#freshMs && isWhole
  }

  #age(time: number): number {
    return time - (this.#playlist?.madeAt ?? -Infinity)
  }

  /**
   * Returns the newest playlist in the given form; undefined when none is known. `onMade` gets each form when
   * it is made. The key of a form is that of the request to which it is usually the response.
   */
  variantFor(form: PlaylistForm, onMade: (variant: MediaObject) => void): MediaObject | undefined {
    const playlist = this.#playlist
    if (playlist === undefined) return undefined
    const { isHeld, acceptsDelta } = form
    for (const each of this.#variants)
      if (each.isHeld === isHeld && each.acceptsDelta === acceptsDelta) return each.variant
    const variant = this.#variantOf(playlist, keyOf(playlist, form), form)
    this.#variants.push({ isHeld, acceptsDelta, variant })
    onMade(variant)
    return variant
  }

  #variantOf(playlist: MediaObject, key: string, { isHeld, acceptsDelta }: PlaylistForm): MediaObject {
    const freshMs = this.#freshMs
    const control = headerOf(playlist, 'cache-control') ?? ''
    const variant = createMediaObject({
      ...playlist,
      key,
      class: isHeld ? 'held_playlist' : 'playlist',
      body: playlist.plain.body,
      contentType: headerOf(playlist, 'content-type'),
      cacheControl: isHeld ? heldControl(control) : plainControl(control, plainSeconds(this.outline)),
      lifetime: { freshMs, whileRefreshingMs: freshMs, whenFailingMs: freshMs },
    })
    return acceptsDelta ? deltaOf(variant) : variant
  }
}

/**
 * Returns the cache key of a form of a playlist. For blocking requests it has the directives with which the
 * playlist was requested, or `_HLS_msn=0` if it was requested without.
 */
function keyOf({ key, class: kind }: MediaObject, { isHeld, acceptsDelta }: PlaylistForm): string {
  const [path = '', query] = key.split('?')
  const directives = isHeld ? [kind === 'held_playlist' ? query : '_HLS_msn=0'] : []
  if (acceptsDelta) directives.push('_HLS_skip=YES')
  return directives.length === 0 ? path : `${path}?${directives.join('&')}`
}

/**
 * Returns the lifetime of the response to a request without directives, s: half a target duration, at least 1
 * s.
 */
const plainSeconds = (outline: Outline | undefined) =>
  Math.max(1, Math.floor((outline?.targetDuration ?? 0) / 2))

const endsEarlier = (one: Outline, other: Outline) =>
  one.nextMsn < other.nextMsn || (one.nextMsn === other.nextMsn && one.openParts < other.openParts)
