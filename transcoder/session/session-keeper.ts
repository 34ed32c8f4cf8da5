import type { Interruption, LiveSession } from '../../core/contracts/live-records.ts'
import { type LiveRegistry, staleSessionMs } from '../../core/contracts/live-registry.ts'
import type { SessionLog } from '../../core/contracts/session-log.ts'
import type { StopRequest, StopRequests } from '../../core/contracts/stop-requests.ts'
import type { Log } from '../../core/process/log.ts'
import type { FollowedSession } from './followed-session.ts'

export interface SessionKeeperOptions {
  registry: Pick<
    LiveRegistry,
    'putSession' | 'removeSession' | 'sessionAgeMs' | 'holdChannel' | 'releaseChannel'
  >
  sessionLog: Pick<SessionLog, 'append'>
  stopRequests: Pick<StopRequests, 'pending'>
  followed: Pick<FollowedSession, 'record' | 'latest'>
  log: Log
}

/** Interval at which a kept record is written, ms: a quarter of its time to live (`sessionTtlMs`). */
const heartbeatMs = 1500
/** Minimum time between two looks at the age of a record that its ingest writes, ms. */
const lookEveryMs = 500

/** What this process has written, and when; `stop`: a request to end the session. */
interface Kept {
  interruption: Interruption
  publish: number | undefined
  at: number
  stop: StopRequest | undefined
}

export type SessionKeeper = ReturnType<typeof createSessionKeeper>

/**
 * Keeps the record of a session whose ingest has died or is frozen, so that the session waits for its
 * publisher as it would there. It ends to do so when an ingest writes the record again.
 */
export function createSessionKeeper(options: SessionKeeperOptions) {
  const { registry, sessionLog, stopRequests, followed, log } = options
  let kept: Kept | undefined
  let lookedAt = Number.NEGATIVE_INFINITY

  async function isLeft({ sessionId }: LiveSession): Promise<boolean> {
    if (performance.now() - lookedAt < lookEveryMs) return false
    lookedAt = performance.now()
    const ageMs = await registry.sessionAgeMs(sessionId)
    return ageMs !== undefined && ageMs >= staleSessionMs
  }

  /** Notes that an ingest writes the record again. The one that continues the session logs that. */
  async function giveBack({ sessionId, publish }: LiveSession): Promise<void> {
    if (kept === undefined) return
    const { interruption, publish: keptPublish } = kept
    kept = undefined
    log.info('an ingest has the session again')
    if (publish !== keptPublish || interruption.reason !== 'ingest_lost') return
    const { since, reason } = interruption
    await sessionLog.append({ type: 'resumed', at: Date.now(), sessionId, since, reason })
  }

  async function write(record: LiveSession, newestMs: number | undefined): Promise<boolean> {
    const { sessionId, publish, claim, channelId } = record
    const interruption = record.interruption ?? interruptionOf(record, newestMs)
    const source = record.source ?? followed.latest.source
    const isFirst = kept === undefined
    const newest = newestMs === undefined ? {} : { newestMs: Math.max(newestMs, record.newestMs ?? 0) }
    const isWritten = await registry.putSession({ ...record, ...newest, source, interruption }, isFirst)
    if (!isWritten) return false
    kept = { interruption, publish, at: performance.now(), stop: await stopRequests.pending(sessionId) }
    if (claim !== undefined) await registry.holdChannel(channelId, claim)
    if (!isFirst) return true
    log.warn({ ingest: record.ingest.instance }, 'the ingest was lost: the session waits for its publisher')
    if (record.interruption === undefined)
      await sessionLog.append({
        type: 'interrupted',
        at: interruption.since,
        sessionId,
        reason: 'ingest_lost',
      })
    return true
  }

  return {
    /**
     * Writes the record with an interruption, if its ingest has stopped to, and then regularly. Must be
     * called often, after the record was read, while nothing comes from the ingest. `newestMs`: time of the
     * newest media that came, ms. Returns whether it wrote the record. Never rejects.
     */
    async tend(newestMs: number | undefined): Promise<boolean> {
      const { record } = followed
      try {
        if (kept && !isOurs(record, kept)) await giveBack(record)
        if (!canWait(record)) return false
        const isDue = kept ? performance.now() - kept.at >= heartbeatMs : await isLeft(record)
        return isDue && (await write(record, newestMs))
      } catch (error) {
        log.debug({ err: error }, 'the live registry is away: cannot keep the record of the session')
        return false
      }
    },

    /**
     * Ends the session when the grace time is over or a stop was requested, if this process keeps its record.
     * Returns whether it did.
     */
    async endIfOver(): Promise<boolean> {
      if (kept === undefined || !isOurs(followed.record, kept)) return false
      if (kept.stop === undefined && Date.now() < kept.interruption.until) return false
      const ended = kept
      kept = undefined
      await end(options, ended)
      return true
    },
  }
}

/** Whether a record is as this process has written it. */
const isOurs = (record: LiveSession, { interruption }: Kept) =>
  record.interruption?.since === interruption.since

/**
 * Logs the end of a session, and then removes its record, so that readers have the reason when it is gone.
 */
async function end({ registry, sessionLog, followed, log }: SessionKeeperOptions, kept: Kept): Promise<void> {
  const { sessionId, channelId } = followed.record
  const { reason, detail } = kept.stop ?? { ...kept.interruption, detail: null }
  log.info({ reason, detail }, 'session ended')
  await Promise.allSettled([
    sessionLog.append({ type: 'ended', at: Date.now(), sessionId, reason, detail }),
    registry.releaseChannel(channelId, sessionId),
  ])
  await registry.removeSession(followed.record).catch(() => {})
}

/** Whether a session may wait: it has media and a grace time, and that is not over. */
const canWait = ({ graceMs, mediaZeroAt, interruption }: LiveSession) =>
  graceMs !== undefined &&
  graceMs > 0 &&
  mediaZeroAt !== undefined &&
  (interruption === undefined || Date.now() < interruption.until)

/** Returns the interruption of a session whose ingest died. It starts at the newest media. */
function interruptionOf(
  { mediaZeroAt = 0, graceMs = 0, ...record }: LiveSession,
  newestMs = 0,
): Interruption {
  const since = Math.min(Date.now(), mediaZeroAt + Math.max(newestMs, record.newestMs ?? 0))
  return { since, until: since + graceMs, reason: 'ingest_lost' }
}
