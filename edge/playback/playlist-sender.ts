import { reloadState } from '../../core/playback/reload-state.ts'
import type { Access } from '../access/access.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Cache } from '../objects/cache.ts'
import { type Failure, notFound } from '../objects/failure.ts'
import type { PlaylistRequest } from '../objects/playback-request.ts'
import type { KnownRendition } from '../outline/known-rendition.ts'
import { isFailure } from '../upstream/loader.ts'
import type { KnownOrigin } from '../upstream/origin-table.ts'
import type { EnterFlight } from './flight-entry.ts'
import type { Responder } from './responder.ts'

export interface PlaylistSenderOptions {
  access: Pick<Access, 'isPeer'>
  cache: Pick<Cache, 'put'>
  enter: EnterFlight
  responder: Responder
  now(): number
}

/**
 * A request for a media playlist, until it has its response. `since`: when it arrived, ms of the edge's
 * clock.
 */
export interface Asked {
  exchange: Exchange
  request: PlaylistRequest
  known: KnownOrigin
  since: number
}

/** Creates the functions that send the newest playlist of a rendition in the form that a client accepts. */
export function createPlaylistSender({ access, cache, enter, responder, now }: PlaylistSenderOptions) {
  function send({ exchange, request }: Asked, rendition: KnownRendition, counter?: 'hits' | 'stale'): void {
    const form = {
      isHeld: request.class === 'held_playlist',
      acceptsDelta: request.directives.skip !== undefined && !access.isPeer(exchange),
    }
    const time = now()
    const variant = rendition.variantFor(form, (made) => {
      if (rendition.isCurrent(time)) cache.put(made)
    })
    if (variant === undefined) responder.refuse(exchange, notFound)
    else responder.send(exchange, variant, time, counter)
  }

  /**
   * Sends the last playlist instead of a 5xx failure, if it has what the client waits for and is not too old.
   * Otherwise sends the failure.
   */
  function sendLastOrRefuse(asked: Asked, failure: Failure): void {
    const { request, known, exchange } = asked
    const rendition = known.media.of(request.path.rendition)
    const isReady =
      rendition?.outline !== undefined && reloadState(rendition.outline, request.directives) === 'ready'
    if (failure.status >= 500 && isReady && rendition.isUsable(now(), 'failure'))
      send(asked, rendition, 'stale')
    else responder.refuse(exchange, failure)
  }

  /** Requests a playlist that has what the client waits for, and sends the newest one known then. */
  function load(asked: Asked, wish: PlaylistRequest): void {
    const { exchange, known } = asked
    enter(exchange, { request: wish, known, time: now() }, (outcome) => {
      if (isFailure(outcome)) return sendLastOrRefuse(asked, outcome)
      const rendition = known.media.of(wish.path.rendition)
      if (rendition?.outline === undefined) responder.send(exchange, outcome, now())
      else send(asked, rendition)
    })
  }

  return { send, sendLastOrRefuse, load }
}
