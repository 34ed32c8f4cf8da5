import type { Rendition, Source } from '../media/source.ts'
import { type Redis, redisPrefix } from '../process/redis.ts'
import type { EndReason } from './end-reason.ts'
import type { LiveSession } from './live-records.ts'

/** What happened to a session. The manager turns these events into history. `at` is ms since the epoch. */
export type SessionEvent =
  | { type: 'started'; at: number; session: LiveSession }
  | { type: 'source'; at: number; sessionId: string; source: Source }
  | {
      type: 'transcoding'
      at: number
      sessionId: string
      epoch: number
      transcoder: string
      renditions: Rendition[]
    }
  /** The publisher has been gone since `at`, and the session waits for its return. */
  | { type: 'interrupted'; at: number; sessionId: string; reason: EndReason }
  /** The publisher has returned. The interruption began at `since` for this reason. */
  | { type: 'resumed'; at: number; sessionId: string; since: number; reason: EndReason }
  | { type: 'overloaded'; at: number; sessionId: string; overloaded: boolean; speed: number }
  | { type: 'ended'; at: number; sessionId: string; reason: EndReason; detail: string | null }

const streamKey = `${redisPrefix}session-log`
/** Minimum number of events that are kept for a manager that was away. Redis trims the log in blocks. */
const keptEvents = 10_000

export type SessionLog = ReturnType<typeof createSessionLog>

/** Log of session events, a Redis stream, so that the manager can read what happened while it was down. */
export function createSessionLog(redis: Redis) {
  return {
    async append(event: SessionEvent): Promise<void> {
      await redis.xadd(streamKey, 'MAXLEN', '~', keptEvents, '*', 'event', JSON.stringify(event))
    },

    /**
     * Returns up to 100 events after `position`; none when there is no event within `blockMs` ms. A position
     * of '0' is before the oldest event. The read blocks the connection, so `redis` should be a connection
     * for this alone, with `whenAway: 'wait'`.
     */
    async read(position: string, blockMs: number): Promise<{ position: string; event: SessionEvent }[]> {
      const reply = await redis.xread('COUNT', 100, 'BLOCK', blockMs, 'STREAMS', streamKey, position)
      const entries = reply?.[0]?.[1] ?? []
      return entries.map(([id, fields]) => ({
        position: id,
        event: JSON.parse(fields[1] ?? 'null') as SessionEvent,
      }))
    },
  }
}
