import { createPoll, type Poll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

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
/** Time between two sweeps, ms. */
const everyMs = 10 * 60_000
/** Time between two batches of one sweep, ms. */
const pauseMs = 200
const dayMs = 24 * 3_600_000

/**
 * Starts to remove old sessions from the history, in small batches. Several managers may do so at the same
 * time.
 */
export function createHistorySweep(history: History, retention: Retention, log: Log): Poll {
  const poll: Poll = createPoll(
    async () => {
      try {
        const removed = await sweepOnce(history, retention, Date.now())
        if (removed > 0) log.info({ sessions: removed }, 'old sessions removed from the history')
        // A batch is of one slug, so a small one may be followed by that of another slug.
        if (removed > 0) poll.soon()
      } catch (error) {
        log.warn({ err: messageOf(error) }, 'history not swept')
      }
    },
    { everyMs, gapMs: pauseMs },
  )
  return poll
}

/** Removes one batch by age and one by number. Returns the number of sessions removed. */
export async function sweepOnce(history: History, { days, perChannel }: Retention, now: number) {
  const old = days === 0 ? 0 : await history.removeEndedBefore(now - days * dayMs, batch)
  const excess = perChannel === 0 ? 0 : await history.removeBeyond(perChannel, batch)
  return old + excess
}
