import type { Exchange } from '../http/exchange.ts'

export interface WaitingLimits {
  /** Maximum number of waiting requests of all connections together. */
  total?: number
  /**
   * Maximum number of waiting requests of a connection, which may be pipelined. `Client.maxWaiting` replaces
   * it.
   */
  perConnection?: number
  /** The edge's clock: monotonic, ms. */
  now?: () => number
}

/** The parts of an exchange that waiting depends on. */
export type WaitingExchange = Pick<Exchange, 'client' | 'onLeave'>

/**
 * What an exchange waits for. Exchanges with the same key share one flight, which is one request to the
 * origin.
 */
export interface Wait<Result> {
  key: string
  /** What happens to the flight when the last client that waits for it leaves. */
  whenLeft: 'abort' | 'keep'
  /** Sends the request. Must not reject: a failure is a result. */
  begin(signal: AbortSignal): Promise<Result>
  /** Called once with the result, unless the client leaves first. */
  conclude(result: Result): void
}

interface Waiter<Result> {
  exchange: WaitingExchange
  conclude(result: Result): void
}

interface Flight<Result> {
  key: string
  waiters: Set<Waiter<Result>>
  abort: AbortController
  whenLeft: 'abort' | 'keep'
  beganAt: number
}

export type Coalescer<Result> = ReturnType<typeof createCoalescer<Result>>

/**
 * Starts one flight for each key. All exchanges with that key wait for it (request coalescing), and get the
 * result as soon as it arrives. Their number is limited. A client that leaves does not affect the others.
 */
export function createCoalescer<Result>(limits: WaitingLimits = {}) {
  const { total = 20_000, perConnection = 8, now = () => performance.now() } = limits
  const flights = new Map<string, Flight<Result>>()
  let waiting = 0

  function land(flight: Flight<Result>, result: Result) {
    if (flights.get(flight.key) === flight) flights.delete(flight.key)
    const { waiters } = flight
    flight.waiters = new Set()
    waiting -= waiters.size
    for (const { exchange, conclude } of waiters) {
      exchange.onLeave = null
      exchange.client.waiting -= 1
      conclude(result)
    }
  }

  function leave(flight: Flight<Result>, waiter: Waiter<Result>) {
    waiter.exchange.onLeave = null
    flight.waiters.delete(waiter)
    waiting -= 1
    waiter.exchange.client.waiting -= 1
    if (flight.waiters.size > 0 || flight.whenLeft === 'keep') return
    flights.delete(flight.key)
    flight.abort.abort()
  }

  return {
    /** Joins the flight of a key, or starts it. `full`: a limit is reached, and nothing was done. */
    enter(
      exchange: WaitingExchange,
      { key, whenLeft, begin, conclude }: Wait<Result>,
    ): 'joined' | 'started' | 'full' {
      const { client } = exchange
      if (waiting >= total || client.waiting >= (client.maxWaiting ?? perConnection)) return 'full'
      const waiter = { exchange, conclude }
      const known = flights.get(key)
      const flight = known ?? newFlight<Result>(key, whenLeft, now())
      flight.waiters.add(waiter)
      waiting += 1
      client.waiting += 1
      exchange.onLeave = () => leave(flight, waiter)
      if (known) return 'joined'
      flights.set(key, flight)
      void begin(flight.abort.signal).then((result) => land(flight, result))
      return 'started'
    },

    isInFlight: (key: string) => flights.has(key),

    /** Returns when the flight of a key began, ms of the edge's clock; undefined when there is none. */
    beganAt: (key: string): number | undefined => flights.get(key)?.beganAt,

    /** Aborts all flights. Each waiter gets the result of its aborted request. */
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

const newFlight = <Result>(key: string, whenLeft: 'abort' | 'keep', beganAt: number): Flight<Result> => ({
  key,
  waiters: new Set(),
  abort: new AbortController(),
  whenLeft,
  beganAt,
})
