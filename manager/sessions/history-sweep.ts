import type { Poll } from '../../core/mechanisms/poll.ts'
import type { Log } from '../../core/process/log.ts'
import { createSweep } from '../retention/sweep.ts'

/** What the history keeps. Sessions that are live are always kept. */
export interface Retention {
  /** Time for which ended sessions are kept, days; 0: for ever. */
  days: number
  /** Maximum number of sessions of one channel; 0: no limit. */
  perChannel: number
}

interface History {
  /** Removes up to `limit` sessions that ended before a time, ms since the epoch. Returns their number. */
  removeEndedBefore(time: number, limit: number): Promise<number>
  /**
   * Removes up to `limit` ended sessions of one slug, those beyond its newest `kept`. Returns their number.
   */
  removeBeyond(kept: number, limit: number): Promise<number>
}

/** Maximum number of rows that one transaction removes. Other writers wait for it. */
const batch = 500
const dayMs = 24 * 3_600_000

/**
 * Starts to remove old sessions from the history, in small batches. Several managers may do so at the same
 * time.
 */
export const createHistorySweep = (history: History, retention: Retention, log: Log): Poll =>
  createSweep('sessions', (now) => sweepOnce(history, retention, now), log)

/** Removes one batch by age and one by number. Returns the number of sessions removed. */
export async function sweepOnce(history: History, { days, perChannel }: Retention, now: number) {
  const old = days === 0 ? 0 : await history.removeEndedBefore(now - days * dayMs, batch)
  const excess = perChannel === 0 ? 0 : await history.removeBeyond(perChannel, batch)
  return old + excess
}
