import { createPoll, type Poll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** Time between two sweeps, ms. */
const everyMs = 10 * 60_000
/** Time between two batches of one sweep, ms. */
const pauseMs = 200

/**
 * Starts to remove old rows, in small batches. `removeBatch` gets the time in ms since the epoch and returns
 * the number of removed rows; the sweep ends when that is 0. `what` names the rows in log lines.
 */
export function createSweep(what: string, removeBatch: (now: number) => Promise<number>, log: Log): Poll {
  const poll: Poll = createPoll(
    async () => {
      try {
        const removed = await removeBatch(Date.now())
        if (removed > 0) log.info({ [what]: removed }, `old ${what} removed`)
        if (removed > 0) poll.soon()
      } catch (error) {
        log.warn({ err: messageOf(error) }, `old ${what} not removed`)
      }
    },
    { everyMs, gapMs: pauseMs },
  )
  return poll
}
