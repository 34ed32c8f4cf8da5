import { setTimeout as delay } from 'node:timers/promises'
import { type LiveRegistry, reservedEpochs } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'

export interface EpochNumbersOptions {
  registry: Pick<LiveRegistry, 'reserveEpochs'>
  sessionId: string
  /** Newest epoch of an earlier run of this session; 0 when there was none. */
  previousEpoch: number
  stop: AbortSignal
  log: Log
}

/** Time between attempts to reserve numbers, ms. */
const retryMs = 500
/** Number of unused epoch numbers below which another block is reserved. */
const reserve = 100

/**
 * Reserves numbers for the epochs of a session, in blocks. Waits while Redis is away, because nothing may be
 * published without a number. Returns the function that returns the next number. Rejects when `stop` aborts
 * while it waits.
 */
export async function reserveEpochNumbers(options: EpochNumbersOptions): Promise<() => number> {
  const { registry, sessionId, stop, log } = options
  let newest = options.previousEpoch

  /**
   * Reserves a block above all numbers that were used, and returns its first number. A Redis that lost its
   * data counts from 1 again.
   */
  async function reserveBlock(): Promise<number> {
    for (;;) {
      try {
        const first = await registry.reserveEpochs(sessionId)
        if (first > newest) return first
      } catch (error) {
        log.debug({ err: error }, 'cannot reserve epochs')
        await delay(retryMs, undefined, { signal: stop })
      }
    }
  }

  let next = await reserveBlock()
  let end = next + reservedEpochs
  let isReserving = false

  function reserveMore() {
    isReserving = true
    reserveBlock()
      .then((first) => {
        next = first
        end = first + reservedEpochs
      })
      .catch(() => {})
      .finally(() => {
        isReserving = false
      })
  }

  return () => {
    const number = next++
    newest = number
    if (end - next < reserve && !isReserving) reserveMore()
    return number
  }
}
