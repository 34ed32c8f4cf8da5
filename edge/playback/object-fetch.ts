import type { Access } from '../access/access.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Cache } from '../objects/cache.ts'
import type { Coalescer } from '../upstream/coalescing.ts'
import { isFailure, type Outcome, type UpstreamWish } from '../upstream/loader.ts'
import type { KnownOrigin } from '../upstream/origin-table.ts'
import { type EnterFlight, flightKeyOf } from './flight-entry.ts'
import type { Responder } from './responder.ts'

export interface ObjectFetchOptions {
  access: Pick<Access, 'isPeer'>
  cache: Pick<Cache, 'get'>
  flights: Pick<Coalescer<Outcome>, 'isInFlight'>
  enter: EnterFlight
  responder: Responder
  now(): number
}

export type ObjectFetch = ReturnType<typeof createObjectFetch>

/**
 * Returns a function that responds with an object: a fresh one from the cache, an expired one while another
 * request refreshes it, otherwise the one from the origin. When the origin fails, the client gets an expired
 * object if that is still usable, else the failure.
 */
export function createObjectFetch({ access, cache, flights, enter, responder, now }: ObjectFetchOptions) {
  return (exchange: Exchange, request: UpstreamWish, known: KnownOrigin): void => {
    const time = now()
    const expired = cache.get(request.key)
    if (expired !== undefined && expired.freshUntil > time) {
      responder.send(exchange, expired, time, 'hits')
      return
    }
    const mayBeExpired =
      expired !== undefined &&
      expired.usableWhileRefreshing > time &&
      flights.isInFlight(flightKeyOf(request, known))
    // A client that is an edge would ask again at once if it got an expired object, so it waits for the new
    // one.
    if (mayBeExpired && !access.isPeer(exchange)) {
      responder.send(exchange, expired, time, 'stale')
      return
    }
    enter(exchange, { request, known, time }, (outcome) => {
      if (!isFailure(outcome)) return responder.send(exchange, outcome, now())
      const last = outcome.status >= 500 ? cache.get(request.key) : undefined
      if (last === undefined || last.usableWhenFailing <= now()) responder.refuse(exchange, outcome)
      else responder.send(exchange, last, now(), 'stale')
    })
  }
}
