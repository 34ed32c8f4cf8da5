import { deltaOf } from '../objects/delta-playlist.ts'
import { createMediaObject, headerOf, type MediaObject } from '../objects/media-object.ts'
import { endsBefore, type Outline, type PartPlace, readOutline } from './outline.ts'

/** Time, in target durations, after which a playlist that ends earlier than the last one is accepted. */
const staleAfter = 3

/** What a client accepts of a media playlist. */
export interface PlaylistForm {
  /** Whether the request was a blocking one, so that the response has a long lifetime. */
  isHeld: boolean
  acceptsDelta: boolean
}

/**
 * What an edge knows of a rendition: its newest media playlist, and the newest part that was given to a
 * client. Players that follow hints know of parts before playlists list them. They must never get a playlist
 * without a part that they have. Times are ms of the edge's clock.
 */
export class KnownRendition {
  /** Undefined until a playlist has arrived that could be read. */
  outline: Outline | undefined
  /** When a playlist last arrived from the origin. A refusal of an earlier request is void. */
  arrivedAt = -Infinity
  #playlist: MediaObject | undefined
  #given: PartPlace | undefined
  /** Variants of the playlist that were made so far, and the keys of those of earlier playlists. */
  #variants: MediaObject[] = []
  #outdated: string[] = []

  /** The newest playlist; undefined like `outline`. */
  get playlist(): MediaObject | undefined {
    return this.#playlist
  }

  /** The newest part that was given to a client if the playlist does not list it; undefined otherwise. */
  get missing(): PartPlace | undefined {
    const [outline, given] = [this.outline, this.#given]
    return outline && given && !outline.isEnded && endsBefore(outline, given) ? given : undefined
  }

  /**
   * Takes a playlist that has arrived. Returns false when it cannot be read, so that it is to be used as it
   * is. An older playlist than the known one is dropped, because they may arrive in another order.
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
    this.outline = outline
    this.#playlist = object
    this.#dropVariants()
    return true
  }

  /** Records that a part has arrived, which clients get from now on. */
  give(place: PartPlace): void {
    const given = this.#given
    if (given === undefined || given.msn < place.msn || (given.msn === place.msn && given.part < place.part))
      this.#given = place
    if (this.missing !== undefined) this.#dropVariants()
  }

  #dropVariants(): void {
    for (const { key } of this.#variants) this.#outdated.push(key)
    this.#variants = []
  }

  /** Returns the keys of variants that must not be sent from the cache any more, and forgets them. */
  takeOutdated(): string[] {
    const keys = this.#outdated
    this.#outdated = []
    return keys
  }

  /** To be called when the session moves to another origin, which may never have the given part. */
  move(): void {
    this.#given = undefined
  }

  /** Removes a segment that the origin does not have any more. */
  forget(msn: number): void {
    this.outline?.segments.delete(msn)
  }

  /** Time for which a playlist is the newest one without asking the origin, ms. */
  get #freshMs(): number {
    return plainSeconds(this.outline) * 1000
  }

  /** Whether the playlist may be sent without asking the origin again. */
  isCurrent(time: number): boolean {
    return this.#age(time) < this.#freshMs && this.missing === undefined
  }

  /** Whether the playlist may be sent while another request refreshes it, and while the origin fails. */
  isUsable(time: number, during: 'refresh' | 'failure'): boolean {
    const factor = during === 'refresh' ? 2 : 4
    const isWhole = during === 'failure' || this.missing === undefined
    return this.#age(time) < factor * this.#freshMs && isWhole
  }

  #age(time: number): number {
    return time - (this.#playlist?.madeAt ?? -Infinity)
  }

  /**
   * Returns the newest playlist in the form that a client accepts; undefined when none is known. `onMade`
   * gets each form that is made for the first time. Its key is that of the request to which it is usually
   * the response.
   */
  variantFor(form: PlaylistForm, onMade: (variant: MediaObject) => void): MediaObject | undefined {
    const playlist = this.#playlist
    if (playlist === undefined) return undefined
    const key = keyOf(playlist, form)
    const known = this.#variants.find((variant) => variant.key === key)
    if (known !== undefined) return known
    const variant = this.#variantOf(playlist, key, form)
    this.#variants.push(variant)
    onMade(variant)
    return variant
  }

  #variantOf(playlist: MediaObject, key: string, { isHeld, acceptsDelta }: PlaylistForm): MediaObject {
    const freshMs = this.#freshMs
    const control = headerOf(playlist, 'cache-control')
    const maxAge = `max-age=${plainSeconds(this.outline)}`
    const variant = createMediaObject({
      ...playlist,
      key,
      class: isHeld ? 'held_playlist' : 'playlist',
      body: playlist.plain.body,
      contentType: headerOf(playlist, 'content-type'),
      cacheControl: isHeld ? control : control?.replace(/(?:s-)?max-age=\d+/, maxAge),
      lifetime: { freshMs, whileRefreshingMs: freshMs, whenFailingMs: freshMs },
    })
    return acceptsDelta ? deltaOf(variant) : variant
  }
}

/**
 * Returns the key of a form of a playlist. The one for blocking requests has the directives that the playlist
 * was requested with.
 */
function keyOf({ key, class: kind }: MediaObject, { isHeld, acceptsDelta }: PlaylistForm): string {
  const [path = '', query] = key.split('?')
  const directives = isHeld ? [kind === 'held_playlist' ? query : '_HLS_msn=0'] : []
  if (acceptsDelta) directives.push('_HLS_skip=YES')
  return directives.length === 0 ? path : `${path}?${directives.join('&')}`
}

/** Lifetime of the response to a request without directives: half a target duration, at least 1 s. */
const plainSeconds = (outline: Outline | undefined) =>
  Math.max(1, Math.floor((outline?.targetDuration ?? 0) / 2))

const endsEarlier = (one: Outline, other: Outline) =>
  one.nextMsn < other.nextMsn || (one.nextMsn === other.nextMsn && one.openParts < other.openParts)
