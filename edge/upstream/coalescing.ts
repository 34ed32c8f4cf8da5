/** Somebody who waits for a result. */
export interface Waiter<Result> {
  settle(result: Result): void
}

interface Flight<Result> {
  waiters: Set<Waiter<Result>>
  abort: AbortController
  /** What happens when the last waiter leaves. */
  whenLeft: 'abort' | 'keep'
}

export type Coalescer<Result> = ReturnType<typeof createCoalescer<Result>>

/** One flight per key however many wait for it; all get the result in the moment it is there. */
export function createCoalescer<Result>() {
  const flights = new Map<string, Flight<Result>>()
  let waiting = 0

  function land(key: string, flight: Flight<Result>, result: Result) {
    if (flights.get(key) === flight) flights.delete(key)
    waiting -= flight.waiters.size
    const waiters = flight.waiters
    flight.waiters = new Set()
    for (const waiter of waiters) waiter.settle(result)
  }

  return {
    /**
     * Waits for the result of `key`; `begin` is called if nobody waits for it yet. It must not reject: failures are results.
     * Gives whether there was a flight to join.
     */
    join(
      key: string,
      waiter: Waiter<Result>,
      whenLeft: 'abort' | 'keep',
      begin: (signal: AbortSignal) => Promise<Result>,
    ): boolean {
      waiting += 1
      const flight = flights.get(key)
      if (flight) {
        flight.waiters.add(waiter)
        return true
      }
      const started = { waiters: new Set([waiter]), abort: new AbortController(), whenLeft }
      flights.set(key, started)
      void begin(started.abort.signal).then((result) => land(key, started, result))
      return false
    },

    /** A waiter goes away: it alone; when it was the last one and nobody else will want the result, the flight ends too. */
    leave(key: string, waiter: Waiter<Result>): void {
      const flight = flights.get(key)
      if (!flight?.waiters.delete(waiter)) return
      waiting -= 1
      if (flight.waiters.size > 0 || flight.whenLeft === 'keep') return
      flights.delete(key)
      flight.abort.abort()
    },

    isInFlight: (key: string) => flights.has(key),

    /** Ends all flights; nobody is settled. */
    close(): void {
      for (const flight of flights.values()) flight.abort.abort()
    },

    get flights() {
      return flights.size
    },
    get waiting() {
      return waiting
    },
  }
}
