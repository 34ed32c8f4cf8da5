import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
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
  const byConnection = new WeakMap<Socket, number>()

  return {
    /** Whether there was a flight to join (`joined`), one was started, or there is no room. */
    enter(
      { socket }: IncomingMessage,
      response: ServerResponse,
      { key, whenLeft, begin, conclude }: Wait<Result>,
    ): 'joined' | 'started' | 'full' {
      const here = byConnection.get(socket) ?? 0
      if (flights.waiting >= total || here >= perConnection) return 'full'
      byConnection.set(socket, here + 1)
      const free = () => byConnection.set(socket, (byConnection.get(socket) ?? 1) - 1)
      const waiter = {
        settle(result: Result) {
          response.off('close', leave)
          free()
          conclude(result)
        },
      }
      const leave = () => {
        free()
        flights.leave(key, waiter)
      }
      response.once('close', leave)
      return flights.join(key, waiter, whenLeft, begin) ? 'joined' : 'started'
    },
  }
}
