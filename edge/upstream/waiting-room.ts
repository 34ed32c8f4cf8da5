import type { Exchange } from '../http/exchange.ts'
import type { Coalescer } from './coalescing.ts'

export interface WaitingLimits {
  /** Requests that wait at one time, in total. */
  total?: number
  /** The same on one connection (pipelined). */
  perConnection?: number
}

export interface Wait<Result> {
  key: string
  whenLeft: 'abort' | 'keep'
  begin(signal: AbortSignal): Promise<Result>
  /** Called once, unless the viewer leaves before. */
  conclude(result: Result): void
}

export type WaitingRoom<Result> = ReturnType<typeof createWaitingRoom<Result>>

/** Viewers who wait for a flight: bounded in number, and one who leaves frees only their own place. */
export function createWaitingRoom<Result>(flights: Coalescer<Result>, limits: WaitingLimits = {}) {
  const { total = 20_000, perConnection = 8 } = limits

  return {
    /** Whether there was a flight to join (`joined`), one was started, or there is no room. */
    enter(
      exchange: Pick<Exchange, 'client' | 'leave'>,
      { key, whenLeft, begin, conclude }: Wait<Result>,
    ): 'joined' | 'started' | 'full' {
      const { client } = exchange
      if (flights.waiting >= total || client.waiting >= (client.mostWaiting ?? perConnection)) return 'full'
      client.waiting += 1
      const waiter = {
        settle(result: Result) {
          exchange.leave = null
          client.waiting -= 1
          conclude(result)
        },
      }
      exchange.leave = () => {
        client.waiting -= 1
        flights.leave(key, waiter)
      }
      return flights.join(key, waiter, whenLeft, begin) ? 'joined' : 'started'
    },
  }
}
