import { reloadState } from '../../core/playback/reload-state.ts'
import type { Exchange } from '../http/exchange.ts'
import { badRequest, notFound, originBusy } from '../objects/failure.ts'
import { type PlaylistRequest, wholePlaylistRequest } from '../objects/playback-request.ts'
import type { KnownRendition } from '../outline/known-rendition.ts'
import type { Outline } from '../outline/outline.ts'
import type { Coalescer } from '../upstream/coalescing.ts'
import { isFailure, type Outcome } from '../upstream/loader.ts'
import type { KnownOrigin } from '../upstream/origin-table.ts'
import type { MayGuess } from './guesses.ts'
import type { ObjectFetch } from './object-fetch.ts'
import { type Asked, createPlaylistSender, type PlaylistSenderOptions } from './playlist-sender.ts'
import { hasName, nextVersionOf, type Refresh } from './refresh.ts'

export interface MediaPlaylistsOptions extends PlaylistSenderOptions {
  flights: Pick<Coalescer<Outcome>, 'isInFlight'>
  refresh: Refresh
  mayGuess: MayGuess
  fetchObject: ObjectFetch
}

/** Maximum time that a request is held, in target durations (RFC 8216bis 6.2.5.2). */
const maxHeld = 3

/**
 * Creates the handler of requests for media playlists that are not in the cache. For each rendition the
 * origin gets at most one request for each version of the playlist, and one for each segment from players
 * that wait for whole segments. All other requests wait for the responses to these.
 */
export function createMediaPlaylists(options: MediaPlaylistsOptions) {
  const { access, flights, enter, refresh, responder, now } = options
  const { send, sendLastOrRefuse, load } = createPlaylistSender(options)
  const sendUnknown = createUnknownPlaylists(options, serve)

  /**
   * Waits for the next version of a playlist, and repeats that until the playlist has what the client waits
   * for, or `maxHeld` has passed.
   */
  function hold(asked: Asked, outline: Outline) {
    const { exchange, request, known, since } = asked
    if (now() - since > maxHeld * outline.targetDuration * 1000) return responder.refuse(exchange, originBusy)
    const { directives } = request
    const isNextSegment = directives.part === undefined && directives.msn === outline.nextMsn
    if (isNextSegment) return load(asked, wholePlaylistRequest(request, directives))
    const next = nextVersionOf(request.path, outline)
    enter(exchange, { request: next, known, time: now() }, (outcome) => {
      if (isFailure(outcome)) return sendLastOrRefuse(asked, outcome)
      const rendition = known.media.of(request.path.rendition)
      // The origin holds requests for a shorter time while it has no source. It may also count parts in
      // another way than this edge does.
      const isGivenUp = rendition?.outline && reloadState(rendition.outline, next.directives) === 'pending'
      if (isGivenUp) send(asked, rendition)
      else serve(asked, true)
    })
  }

  /**
   * Responds according to the known playlist. `hasArrived`: it has just arrived, so it is not requested
   * again.
   */
  function serve(asked: Asked, hasArrived = false) {
    const { exchange, request, known } = asked
    const rendition = known.media.of(request.path.rendition)
    const outline = rendition?.outline
    if (rendition === undefined || outline === undefined) return sendUnknown(asked)
    const state = reloadState(outline, request.directives)
    if (state === 'pending') return hold(asked, outline)
    if (state === 'ready') return hasArrived ? send(asked, rendition) : sendNewest(asked, rendition)
    const again = (outcome: Outcome) => {
      if (isFailure(outcome)) sendLastOrRefuse(asked, outcome)
      else serve(asked, true)
    }
    if (hasArrived || !refresh(exchange, { path: request.path, known, isSoon: false }, again))
      responder.refuse(exchange, badRequest)
  }

  /**
   * Sends the newest playlist, which is requested first unless the known one is current. While another
   * client's request for it is in flight, a slightly older one is sent. While there is no source, the request
   * waits for media as blocking ones do: hls.js asks without directives then, and rests after each response.
   */
  function sendNewest(asked: Asked, rendition: KnownRendition) {
    const { exchange, request } = asked
    const { outline } = rendition
    if (rendition.isStill && outline !== undefined && !outline.isEnded) return hold(asked, outline)
    const time = now()
    if (rendition.isCurrent(time)) return send(asked, rendition, 'hits')
    const wish = wholePlaylistRequest(request, rendition.missing ?? {})
    // A client that is an edge would ask again at once if it got an expired playlist, so it waits for the new
    // one.
    const mayBeLast = flights.isInFlight(wish.key) && !access.isPeer(exchange)
    if (mayBeLast && rendition.isUsable(time, 'refresh')) return send(asked, rendition, 'stale')
    load(asked, wish)
  }

  return (exchange: Exchange, request: PlaylistRequest, known: KnownOrigin): void =>
    serve({ exchange, request, known, since: now() })
}

/**
 * Returns a function that responds to requests for a rendition without an outline. A blocking request for a
 * known name waits until the present playlist has arrived; then `serve` handles it. Other requests are passed
 * on to the origin, with a limit on guesses.
 */
function createUnknownPlaylists(options: MediaPlaylistsOptions, serve: (asked: Asked) => void) {
  const { refresh, mayGuess, fetchObject, responder } = options
  return (asked: Asked) => {
    const { exchange, request, known } = asked
    const { rendition } = request.path
    const isNamed = hasName(known, rendition)
    const isPlain = request.class === 'playlist'
    if (!isPlain && isNamed && known.media.of(rendition) === undefined) {
      const again = (outcome: Outcome) => {
        if (isFailure(outcome)) responder.refuse(exchange, outcome)
        else serve(asked)
      }
      if (refresh(exchange, { path: request.path, known, isSoon: false }, again)) return
    }
    const wish = wholePlaylistRequest(request, request.directives)
    const isGuess = !(isPlain && isNamed)
    if (!isGuess || mayGuess(wish, known)) fetchObject(exchange, { ...wish, isGuess }, known)
    else responder.refuse(exchange, notFound)
  }
}
