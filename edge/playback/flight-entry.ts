import type { KeyedBudget } from '../../core/mechanisms/keyed-budget.ts'
import type { Access } from '../access/access.ts'
import type { Exchange } from '../http/exchange.ts'
import { edgeBusy, type Failure, tooManyRequests } from '../objects/failure.ts'
import type { NegativeCache } from '../objects/negative-cache.ts'
import { isOfChannel } from '../objects/playback-request.ts'
import type { Coalescer } from '../upstream/coalescing.ts'
import { isFailure, type Loader, type Outcome, type UpstreamWish } from '../upstream/loader.ts'
import type { KnownOrigin } from '../upstream/origin-table.ts'
import type { Responder } from './responder.ts'
import type { Stats } from './stats.ts'

export interface FlightEntryOptions {
  access: Pick<Access, 'isPeer'>
  negativeCache: Pick<NegativeCache, 'get'>
  flights: Pick<Coalescer<Outcome>, 'enter' | 'isInFlight'>
  loader: Loader
  responder: Pick<Responder, 'refuse'>
  /** Limits the requests to origins that the clients of one address may cause. */
  budget: KeyedBudget
  stats: Stats
}

export type EnterFlight = ReturnType<typeof createFlightEntry>

/**
 * Returns the key of a request's flight. A flight is one request to the origin, for which all clients with
 * the same key wait.
 */
export function flightKeyOf({ key, path }: UpstreamWish, { origin }: KnownOrigin): string {
  // The path of a multivariant playlist or start bundle does not name the session. With the session in the
  // key, no viewer joins a flight to a session that was replaced.
  return isOfChannel(path.kind) ? `${key} ${origin.sessionId}` : key
}

/**
 * Returns a function that passes a request on to the origin, once for all clients that want the same object.
 */
export function createFlightEntry(options: FlightEntryOptions) {
  const { access, negativeCache, flights, loader, responder, budget, stats } = options

  /**
   * Joins the flight of a request, or starts it. `conclude` gets the result, which may be a recent failure
   * from the negative cache. Beyond a limit the client is refused, and `conclude` is not called.
   */
  return (
    exchange: Exchange,
    { request, known, time }: { request: UpstreamWish; known: KnownOrigin; time: number },
    conclude: (outcome: Outcome) => void,
  ): void => {
    const { path } = request
    const arrivedAt = 'rendition' in path ? known.media.of(path.rendition)?.arrivedAt : undefined
    const failure: Failure | undefined = negativeCache.get(request.key, time, arrivedAt ?? -Infinity)
    if (failure !== undefined) {
      conclude(failure)
      return
    }
    const key = flightKeyOf(request, known)
    const isFree = flights.isInFlight(key) || access.isPeer(exchange)
    if (!isFree && !budget.take(exchange.client.network, time)) {
      responder.refuse(exchange, tooManyRequests)
      return
    }
    const entered = flights.enter(exchange, {
      key,
      whenLeft: request.class === 'held_playlist' ? 'abort' : 'keep',
      begin: (signal) => loader.load(request, known, signal),
      conclude,
    })
    if (entered === 'full') responder.refuse(exchange, edgeBusy)
    else if (entered === 'joined') stats.coalesced += 1
    else stats.misses += 1
  }
}

/** Whether the origin responded that the object does not exist. */
export const isMissing = (outcome: Outcome): boolean => isFailure(outcome) && outcome.status === 404
