import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { StopRequests } from '../../core/contracts/stop-requests.ts'
import type { Source } from '../../core/media/source.ts'
import type { Log } from '../../core/process/log.ts'
import type { Claims } from '../publish/claims.ts'
import type { TranscodeQueue } from '../transcode/transcode-queue.ts'
import { createTranscodeRequest } from '../transcode/transcode-request.ts'
import type { EventOutbox } from './event-outbox.ts'
import { createRegistryRecord } from './registry-record.ts'
import { hasChanged } from './source-change.ts'

export interface AnnouncerDependencies {
  registry: Pick<
    LiveRegistry,
    'putSession' | 'removeSession' | 'rememberGop' | 'origin' | 'originAgeMs' | 'noteLost'
  >
  stopRequests: Pick<StopRequests, 'pending'>
  claims: Pick<Claims, 'hold' | 'claimOf' | 'release'>
  outbox: EventOutbox
  queue: Pick<TranscodeQueue, 'add' | 'hasJob' | 'passOn'>
  log: Log
}

interface AnnouncedSession {
  readonly source: Source | null
  readonly newestMs: number | undefined
  end(reason: EndReason, detail?: string): void
}

/**
 * Announces one session to the other roles while it lives, by its record in the live registry, its events and
 * its transcode job. After an outage of Redis the next heartbeat restores the record.
 */
export function createSessionAnnouncer(first: LiveSession, dependencies: AnnouncerDependencies) {
  const { registry, claims, outbox, log } = dependencies
  const { sessionId, channelId, startedAt } = first
  const record = createRegistryRecord(first, registry, log)
  const transcode = createTranscodeRequest({ ...dependencies, sessionId })
  let loggedSource: Source | null = null
  const rememberGop = createGopMemory(channelId, registry)

  function logSource(source: Source) {
    loggedSource = source
    outbox.append({ type: 'source', at: Date.now(), sessionId, source })
  }

  return {
    record,

    /**
     * Announces the session, then ends it if another session has claimed the channel or a stop was requested
     * meanwhile. Never rejects.
     */
    async started(session: Pick<AnnouncedSession, 'end'>): Promise<void> {
      outbox.append({ type: 'started', at: startedAt, session: record.current })
      await record.put({}, true)
      // A takeover that read the registry before this record was written could not end this session.
      await endIfRequired(session, first, dependencies).catch(() => {})
    },

    /**
     * Announces a source that became known or changed. The first one also requests the transcode. Resolves
     * when the write of the record has ended, also when it failed.
     */
    async sourceChanged(source: Source, mediaZeroAt: number): Promise<void> {
      logSource(source)
      await record.put({ source, mediaZeroAt }, true)
      transcode.start()
    },

    /**
     * Refreshes the record, the claim and the transcode request. Ends the session when its channel was taken
     * over or a stop request is pending. Resolves with false when the session continues at another ingest.
     * Never rejects.
     */
    async heartbeat(session: AnnouncedSession): Promise<boolean> {
      const { source, newestMs } = session
      const claim = claims.claimOf(sessionId)
      const isChanged = source !== null && hasChanged(loggedSource, source)
      if (isChanged) logSource(source)
      try {
        const changes = { source, claim, ...(newestMs === undefined ? {} : { newestMs }) }
        if (!(await record.put(changes, isChanged))) return false
        await Promise.all([
          rememberGop(source?.video?.gopMs ?? null),
          endIfRequired(session, first, dependencies),
          transcode.check(),
        ])
      } catch (error) {
        log.debug({ sessionId, err: error }, 'heartbeat failed')
      }
      return true
    },

    transcode,

    /**
     * Releases the claim at once. Removes the record only after an attempt to append the end to the log, so
     * that readers of the log have the reason when the record is gone.
     */
    async ended(reason: EndReason, detail: string | null, last: Source | null): Promise<void> {
      if (last && loggedSource) logSource(last)
      outbox.append({ type: 'ended', at: Date.now(), sessionId, reason, detail })
      await Promise.allSettled([
        claims.release(channelId, sessionId),
        outbox.flush().then(() => record.remove()),
      ])
    },
  }
}

/** Returns a function that writes the longest GOP of a channel to the registry when it has changed. */
function createGopMemory(channelId: string, registry: Pick<LiveRegistry, 'rememberGop'>) {
  let rememberedMs: number | null = null
  return async (gopMs: number | null): Promise<void> => {
    if (gopMs === null || gopMs === rememberedMs) return
    await registry.rememberGop(channelId, gopMs)
    rememberedMs = gopMs
  }
}

/** Ends a session when another session took its channel, or when a stop request is pending. */
async function endIfRequired(
  session: Pick<AnnouncedSession, 'end'>,
  { channelId, sessionId }: LiveSession,
  { claims, stopRequests }: Pick<AnnouncerDependencies, 'claims' | 'stopRequests'>,
): Promise<void> {
  const [isHeld, stop] = await Promise.all([
    claims.hold(channelId, sessionId),
    stopRequests.pending(sessionId),
  ])
  if (!isHeld) session.end('taken_over', 'Another publisher took the channel over.')
  else if (stop) session.end(stop.reason, stop.detail ?? undefined)
}

export type SessionAnnouncer = ReturnType<typeof createSessionAnnouncer>
