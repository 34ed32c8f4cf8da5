import type { EndReason } from '../../core/contracts/end-reason.ts'
import { newSessionId } from '../../core/contracts/ids.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import type { StopRequest, StopRequests } from '../../core/contracts/stop-requests.ts'
import type { IngestMetrics } from '../metrics.ts'
import type { Grants } from '../publish/grants.ts'
import type { PublishAuthority, PublishRequest } from '../publish/publish-sink.ts'
import type { Refusal } from '../publish/refusal.ts'
import { PublishSession } from './publish-session.ts'
import { createSessionAnnouncer, type RecordKeeping, type SessionAnnouncer } from './session-announcer.ts'

/** How often the record of each session is refreshed, ms: four times before it would lapse. */
const heartbeatMs = 1500

export interface LiveSessionsOptions {
  instance: string
  /** URL under which a session is pulled. */
  flvUrl: (sessionId: string) => string
  enhancedWorks: () => boolean
  grants: Grants
  keeping: RecordKeeping & {
    registry: RecordKeeping['registry'] & Pick<LiveRegistry, 'rememberedGop' | 'sessions'>
    stopRequests: RecordKeeping['stopRequests'] & Pick<StopRequests, 'request'>
  }
  metrics: IngestMetrics
}

interface Live {
  session: PublishSession
  record: SessionAnnouncer
  grant: ChannelGrant
}

const refused = (reason: Refusal['reason'], description: string) => ({ refusal: { reason, description } })

/** The sessions of this process: lets publishers in, keeps their records, ends what must end. */
export function createLiveSessions(options: LiveSessionsOptions) {
  const { grants, keeping, metrics } = options
  const { registry, claims, log } = keeping
  const live = new Map<string, Live>()
  const ending = new Set<Promise<void>>()
  let closing = false

  async function admit(request: PublishRequest): ReturnType<PublishAuthority['admit']> {
    if (closing) return refused('shutdown', 'The server is stopping.')
    const grant = await grants.lookUp(request.streamKey)
    if (grant === 'unknown') return refused('bad_key', 'The stream key is not valid.')
    if (grant === 'away')
      return refused('unavailable', 'The key cannot be checked right now. Try again soon.')
    const sessionId = newSessionId()
    const expectedGop = registry.rememberedGop(grant.channelId).catch(() => null)
    if (!(await claims.take(grant, sessionId)))
      return refused('channel_busy', 'Somebody is already publishing to this channel.')
    if (grant.takeover) endFormer(grant.channelId, sessionId)
    return { session: open(sessionId, grant, request, await expectedGop) }
  }

  /** Ends the sessions that a takeover replaces, here and at other ingests. */
  function endFormer(channelId: string, sessionId: string) {
    const stop = { reason: 'taken_over', detail: 'Another publisher took the channel over.' } as const
    for (const each of live.values())
      if (each.grant.channelId === channelId) each.session.end(stop.reason, stop.detail)
    const tellOthers = async () => {
      for (const each of await registry.sessions())
        if (each.channelId === channelId && each.sessionId !== sessionId && !live.has(each.sessionId))
          await keeping.stopRequests.request({ sessionId: each.sessionId, ...stop })
    }
    // The other ingest also finds out by itself, with its next heartbeat.
    tellOthers().catch((error) => log.debug({ err: error }, 'takeover could not be told'))
  }

  function open(
    sessionId: string,
    grant: ChannelGrant,
    { address, software }: PublishRequest,
    expectedGopMs: number | null,
  ): PublishSession {
    const { channelId, slug, latency } = grant
    const startedAt = Date.now()
    const ingest = { instance: options.instance, flvUrl: options.flvUrl(sessionId) }
    const publisher = { address, software }
    const record = createSessionAnnouncer(
      { sessionId, channelId, slug, latency, startedAt, ingest, publisher, source: null, expectedGopMs },
      keeping,
    )
    const session = new PublishSession({
      sessionId,
      enhancedWorks: options.enhancedWorks(),
      onSource(source, mediaZeroAt) {
        const afterMs = Date.now() - startedAt
        log.info({ sessionId, slug, afterMs, video: source.video, audio: source.audio }, 'source is known')
        return record.sourceChanged(source, mediaZeroAt)
      },
    })
    live.set(sessionId, { session, record, grant })
    session.onEnd((reason, detail) => close(sessionId, reason, detail))
    log.info({ sessionId, slug, address, software }, 'session started')
    void record.started()
    return session
  }

  function close(sessionId: string, reason: EndReason, detail: string | null) {
    const found = live.get(sessionId)
    if (!found) return
    live.delete(sessionId)
    metrics.sessionEnded(reason)
    log.info({ sessionId, slug: found.grant.slug, reason, detail }, 'session ended')
    const done = found.record.ended(reason, detail, found.session.source)
    ending.add(done)
    void done.finally(() => ending.delete(done))
  }

  const beat = () => {
    for (const { session, record } of live.values()) void record.beat(session)
    void keeping.outbox.flush()
  }
  const timer = setInterval(beat, heartbeatMs)

  return {
    admit,
    /** Tells all anew: for when Redis is back. */
    beat,
    find: (sessionId: string) => live.get(sessionId)?.session,
    get count() {
      return live.size
    },
    get readerCount() {
      return [...live.values()].reduce((sum, { session }) => sum + session.readerCount, 0)
    },
    stop: ({ sessionId, reason, detail }: StopRequest) =>
      live.get(sessionId)?.session.end(reason, detail ?? undefined),
    /** Ends all sessions with `shutdown`; resolves when the others have been told. */
    async close(): Promise<void> {
      closing = true
      clearInterval(timer)
      for (const { session } of live.values()) session.end('shutdown')
      await Promise.all(ending)
      await keeping.outbox.flush()
    },
  }
}

export type LiveSessions = ReturnType<typeof createLiveSessions>
