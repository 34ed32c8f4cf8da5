import type { Poll } from '../../core/mechanisms/poll.ts'
import type { Log } from '../../core/process/log.ts'
import { createSweep } from '../retention/sweep.ts'

/** What the log of events keeps. */
interface EventRetention {
  /** Time for which events are kept, days; 0: for ever. */
  days: number
  /** Maximum number of events; 0: no limit. */
  count: number
}

interface EventLog {
  removeWrittenBefore(time: number, limit: number): Promise<number>
  removeBeyond(kept: number, limit: number): Promise<number>
  removeUnusedCounters(): Promise<void>
}

/**
 * Maximum number of events that one transaction removes. Other writers wait for it, with SQLite the whole
 * process: about 30 ms in a log of a million events.
 */
const batch = 200
const dayMs = 24 * 3_600_000

/** Starts to remove old events from the log. Several managers may do so at the same time. */
export const createEventSweep = (events: EventLog, retention: EventRetention, log: Log): Poll =>
  createSweep('events', (now) => sweepOnce(events, retention, now), log)

/** Removes one batch by age and one by number. Returns the number of events removed. */
async function sweepOnce(events: EventLog, { days, count }: EventRetention, now: number) {
  const old = days === 0 ? 0 : await events.removeWrittenBefore(now - days * dayMs, batch)
  const excess = count === 0 ? 0 : await events.removeBeyond(count, batch)
  if (old + excess === 0) await events.removeUnusedCounters()
  return old + excess
}
