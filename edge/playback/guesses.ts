import type { NegativeCache } from '../objects/negative-cache.ts'
import type { Coalescer } from '../upstream/coalescing.ts'
import type { Outcome, UpstreamWish } from '../upstream/loader.ts'
import type { KnownOrigin } from '../upstream/origin-table.ts'
import { flightKeyOf } from './flight-entry.ts'

export interface GuessesOptions {
  flights: Pick<Coalescer<Outcome>, 'isInFlight'>
  negativeCache: Pick<NegativeCache, 'get'>
  now(): number
}

export type MayGuess = ReturnType<typeof createGuesses>

/**
 * Returns a function that decides whether the origin may be asked for something that may not exist. Each
 * session has a limited number of such guesses. A request that joins one in flight, or repeats a recent
 * failure, causes none at the origin and does not count.
 */
export function createGuesses({ flights, negativeCache, now }: GuessesOptions) {
  return (request: UpstreamWish, known: KnownOrigin): boolean =>
    flights.isInFlight(flightKeyOf(request, known)) ||
    negativeCache.get(request.key, now(), -Infinity) !== undefined ||
    known.media.mayGuess(now())
}
