import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { StopRequests } from '../../core/contracts/stop-requests.ts'
import type { Source } from '../../core/media/source.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Claims } from '../publish/claims.ts'
import type { EventOutbox } from './event-outbox.ts'
import { hasChanged } from './source-change.ts'
import type { TranscodeQueue } from './transcode-queue.ts'

export interface RecordKeeping {
  registry: Pick<LiveRegistry, 'putSession' | 'removeSession' | 'rememberGop'>
  stopRequests: Pick<StopRequests, 'pending'>
  claims: Claims
  outbox: EventOutbox
  queue: Pick<TranscodeQueue, 'add'>
  log: Log
}

interface RecordedSession {
  readonly source: Source | null
  readonly newestMs: number | undefined
  end(reason: EndReason, detail?: string): void
}

/** Tells the others of one session, for as long as it lives. Outages of Redis are outlived: each beat tells all anew. */
export function createSessionAnnouncer(first: LiveSession, keeping: RecordKeeping) {
  const { registry, stopRequests, claims, outbox, queue, log } = keeping
  const { sessionId, channelId } = first
  let record = first
  let logged: Source | null = null
  let telling: Promise<void> = Promise.resolve()
  let remembered: number | null = null
  let ended = false
  let beating = false
  let away = false

  function put(announced: boolean): Promise<void> {
    telling = tell(announced)
    return telling
  }

  async function tell(announced: boolean) {
    try {
      if (!ended) await registry.putSession(record, announced)
      away = false
    } catch (error) {
      if (!away) log.warn({ sessionId, err: messageOf(error) }, 'session could not be told; it goes on')
      away = true
    }
  }

  async function remember(gopMs: number | null) {
    if (gopMs === null || gopMs === remembered || ended) return
    await registry.rememberGop(channelId, gopMs)
    remembered = gopMs
  }

  function logSource(source: Source) {
    logged = source
    outbox.append({ type: 'source', at: Date.now(), sessionId, source })
  }

  async function look(session: RecordedSession) {
    const [held, stop] = await Promise.all([
      claims.hold(channelId, sessionId),
      stopRequests.pending(sessionId),
    ])
    if (!held) session.end('taken_over', 'Another publisher took the channel over.')
    else if (stop) session.end(stop.reason, stop.detail ?? undefined)
  }

  return {
    started(): Promise<void> {
      outbox.append({ type: 'started', at: record.startedAt, session: record })
      return put(true)
    },

    /** The source is known, or has become another. Resolves when the registry shows it, or cannot. */
    async sourceChanged(source: Source, mediaZeroAt: number | undefined): Promise<void> {
      const isFirst = record.source === null
      record = { ...record, source, ...(mediaZeroAt === undefined ? {} : { mediaZeroAt }) }
      logSource(source)
      await put(true)
      if (isFirst)
        void queue.add(sessionId, 1).catch((error) => log.error({ sessionId, err: error }, 'no job'))
    },

    /** Refreshes the record with what is measured by now, and looks whether the session may go on. */
    async beat(session: RecordedSession): Promise<void> {
      if (beating || ended) return
      beating = true
      try {
        const { source, newestMs } = session
        const changed = source !== null && hasChanged(logged, source)
        record = { ...record, source, ...(newestMs === undefined ? {} : { newestMs }) }
        if (changed) logSource(source)
        await Promise.all([put(changed || away), remember(source?.video?.gopMs ?? null), look(session)])
      } catch (error) {
        log.debug({ sessionId, err: error }, 'beat failed')
      } finally {
        beating = false
      }
    },

    async ended(reason: EndReason, detail: string | null, last: Source | null): Promise<void> {
      if (ended) return
      ended = true
      if (last && logged) logSource(last)
      outbox.append({ type: 'ended', at: Date.now(), sessionId, reason, detail })
      // A record that is being written must not come back behind its removal.
      const removed = telling.then(() => registry.removeSession(record))
      await Promise.allSettled([claims.release(channelId, sessionId), removed])
    },
  }
}

export type SessionAnnouncer = ReturnType<typeof createSessionAnnouncer>
