import type { MediaPath } from '../../core/playback/media-paths.ts'
import type { Exchange } from '../http/exchange.ts'
import { type PlaylistRequest, playlistRequest } from '../objects/playback-request.ts'
import type { Outline } from '../outline/outline.ts'
import type { Coalescer } from '../upstream/coalescing.ts'
import type { Outcome } from '../upstream/loader.ts'
import type { KnownOrigin } from '../upstream/origin-table.ts'
import type { EnterFlight } from './flight-entry.ts'
import type { MayGuess } from './guesses.ts'

export interface RefreshOptions {
  enter: EnterFlight
  mayGuess: MayGuess
  flights: Pick<Coalescer<Outcome>, 'beganAt'>
  now(): number
}

/** A rendition whose playlist may be out of date. */
export interface RefreshTarget {
  path: Extract<MediaPath, { rendition: string }>
  known: KnownOrigin
  /** Whether the next version of the playlist may list what a client wants. */
  isSoon: boolean
}

export type Refresh = ReturnType<typeof createRefresh>

/** Age from which a playlist is requested again because it lacks what a client wants, ms. */
const oldMs = 1000
/**
 * Time for which the origin must have held a request for the next version, ms, to show that it has no newer
 * playlist.
 */
const heldMs = 100

/** Returns the path of a rendition's media playlist, parsed and as text. */
function playlistPathOf({ slug, sessionId, rendition }: RefreshTarget['path']) {
  const path = { kind: 'playlist', slug, sessionId, rendition } as const
  return { path, text: `/live/${slug}/${sessionId}/${rendition}.m3u8` }
}

/** Requests for the version after an outline's, which all viewers who wait for it share. */
const nextVersions = new WeakMap<Outline, PlaylistRequest>()

/** Returns the blocking request for the version of a playlist after the known one. */
export function nextVersionOf(target: RefreshTarget['path'], outline: Outline): PlaylistRequest {
  const known = nextVersions.get(outline)
  if (known !== undefined) return known
  const { path, text } = playlistPathOf(target)
  const part = outline.partTargetMs === null ? undefined : outline.openParts
  const request = playlistRequest(text, path, { msn: outline.nextMsn, part, skip: undefined })
  nextVersions.set(outline, request)
  return request
}

/**
 * Returns a function that requests a newer version of a playlist because the known one lacks what a client
 * wants. `conclude` gets the outcome. The function returns false, with nothing done, when the known version
 * is the newest, the name of the rendition is unknown, or the session has had too many such requests.
 */
export function createRefresh({ enter, mayGuess, flights, now }: RefreshOptions) {
  return (
    exchange: Exchange,
    { path, known, isSoon }: RefreshTarget,
    conclude: (outcome: Outcome) => void,
  ): boolean => {
    const rendition = known.media.of(path.rendition)
    const outline = rendition?.outline
    const time = now()
    const start = (request: PlaylistRequest): boolean => {
      if (!mayGuess(request, known)) return false
      enter(exchange, { request: { ...request, isGuess: true }, known, time }, conclude)
      return true
    }
    if (outline === undefined || rendition === undefined) {
      if (!hasName(known, path.rendition)) return false
      const playlist = playlistPathOf(path)
      const request = playlistRequest(playlist.text, playlist.path, firstPart)
      enter(exchange, { request, known, time }, conclude)
      return true
    }
    if (outline.isEnded) return false
    const next = nextVersionOf(path, outline)
    const beganAt = flights.beganAt(next.key)
    if (beganAt !== undefined && time - beganAt >= heldMs) return false
    if (isSoon) return start(next)
    if (time - rendition.arrivedAt < oldMs) return false
    const playlist = playlistPathOf(path)
    return start(playlistRequest(playlist.text, playlist.path, noDirectives))
  }
}

/** Whether a session has a rendition of this name, as far as this edge knows. */
export const hasName = ({ media, origin }: KnownOrigin, rendition: string): boolean =>
  media.hasName(rendition) || origin.renditions.some(({ name }) => name === rendition)

/**
 * Directives that get the present playlist as soon as it has a part. Without directives the origin would
 * respond when the first segment of the session is complete.
 */
const firstPart = { msn: 0, part: 0, skip: undefined }
const noDirectives = { msn: undefined, part: undefined, skip: undefined }
