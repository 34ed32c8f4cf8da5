import type { Exchange } from '../http/exchange.ts'
import type { Cache } from '../objects/cache.ts'
import { notFound } from '../objects/failure.ts'
import type { PlaybackRequest } from '../objects/playback-request.ts'
import type { Coalescer } from '../upstream/coalescing.ts'
import type { Outcome } from '../upstream/loader.ts'
import type { KnownOrigin } from '../upstream/origin-table.ts'
import { flightKeyOf } from './flight-entry.ts'
import type { ObjectFetch } from './object-fetch.ts'
import type { Responder } from './responder.ts'

export interface StartBundlesOptions {
  cache: Pick<Cache, 'get'>
  flights: Pick<Coalescer<Outcome>, 'isInFlight'>
  fetchObject: ObjectFetch
  responder: Responder
  now(): number
}

/**
 * Maximum age at which an expired bundle is sent because the origin must not be asked for another one, ms.
 */
const maxAgeMs = 1000

/**
 * Creates the handler of requests for start bundles that are not fresh. Bundles are large, there are many
 * kinds, and each part makes newer ones, so the requests to the origin are limited for each session. A player
 * without a bundle begins with playlists.
 */
export function createStartBundles({ cache, flights, fetchObject, responder, now }: StartBundlesOptions) {
  return (exchange: Exchange, request: PlaybackRequest, known: KnownOrigin): void => {
    const time = now()
    if (flights.isInFlight(flightKeyOf(request, known)) || known.media.mayBundle(time)) {
      fetchObject(exchange, request, known)
      return
    }
    const expired = cache.get(request.key)
    if (expired !== undefined && time - expired.madeAt < maxAgeMs)
      responder.send(exchange, expired, time, 'stale')
    else responder.refuse(exchange, notFound)
  }
}
