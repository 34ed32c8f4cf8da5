import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { throttle } from '../../core/mechanisms/throttle.ts'
import type { Source } from '../../core/media/source.ts'
import type { Log } from '../../core/process/log.ts'
import type { ClockFault } from '../clock/clock-fault.ts'
import type { FlushPace } from '../distribution/flush-pace.ts'
import type { GrantedPublish } from '../publish/publish-authority.ts'
import type { EventOutbox } from './event-outbox.ts'
import { PublishSession, type PublishSessionOptions } from './publish-session.ts'
import {
  type AnnouncerDependencies,
  createSessionAnnouncer,
  type SessionAnnouncer,
} from './session-announcer.ts'

/** Interval at which each session refreshes its record, ms: a quarter of the record's time to live. */
const heartbeatMs = 1500
/** Minimum time between two calls of `sourceChanged` for one session, ms. */
const sourceIntervalMs = 500

/** Time after which a session counts as one without a transcode, ms. */
const missingTranscodeMs = 5000

export interface LiveSessionsOptions {
  /** Returns where transcoders pull a session. */
  pullPlace: (sessionId: string) => LiveSession['ingest']
  limits: PublishSessionOptions['limits']
  pace: FlushPace
  announcer: AnnouncerDependencies
  outbox: EventOutbox
  log: Log
  onEnded: (reason: EndReason) => void
  onClockCorrection: (fault: ClockFault) => void
}

interface LiveEntry {
  session: PublishSession
  announcer: SessionAnnouncer
  channelId: string
  slug: string
}

export function createLiveSessions(options: LiveSessionsOptions) {
  const { outbox, log, onEnded } = options
  const live = new Map<string, LiveEntry>()
  const ending = new Set<Promise<void>>()
  let isClosing = false

  const heartbeats = createPoll(
    () => {
      const each = [...live.values()].map(({ session, announcer }) => announcer.heartbeat(session))
      return Promise.all([...each, outbox.flush()])
    },
    { everyMs: heartbeatMs },
  )

  function open(publish: GrantedPublish): PublishSession {
    const { sessionId } = publish
    const record = recordOf(publish, options.pullPlace(sessionId))
    const { channelId, slug } = record
    const announcer = createSessionAnnouncer(record, options.announcer)
    const session = new PublishSession({
      sessionId,
      limits: options.limits,
      pace: options.pace,
      onSource: throttle(sourceIntervalMs, (source: Source, mediaZeroAt: number) => {
        const { video, audio } = source
        log.info({ sessionId, slug, afterMs: Date.now() - record.startedAt, video, audio }, 'source is known')
        void announcer.sourceChanged(source, mediaZeroAt)
      }),
      onClockCorrection({ fault, amount }) {
        options.onClockCorrection(fault)
        log.debug({ sessionId, fault, amount }, 'timestamps corrected')
      },
    })
    live.set(sessionId, { session, announcer, channelId, slug })
    session.onEnd((reason, detail) => remove(sessionId, reason, detail))
    log.info({ sessionId, slug, ...record.publisher }, 'session started')
    void announcer.started(session)
    return session
  }

  function remove(sessionId: string, reason: EndReason, detail: string | null) {
    const entry = live.get(sessionId)
    if (!entry) return
    live.delete(sessionId)
    onEnded(reason)
    log.info({ sessionId, slug: entry.slug, reason, detail }, 'session ended')
    const announced = entry.announcer.ended(reason, detail, entry.session.source)
    ending.add(announced)
    void announced.finally(() => ending.delete(announced))
  }

  return {
    open,
    /** Announces all sessions again. Must be called when Redis is back, because records may have expired. */
    announceAll: () => void heartbeats.run(),
    has: (sessionId: string) => live.has(sessionId),
    find: (sessionId: string) => live.get(sessionId)?.session,
    ofChannel: (channelId: string) =>
      [...live.values()].flatMap((entry) => (entry.channelId === channelId ? [entry.session] : [])),
    stop: ({ sessionId, reason, detail }: StopRequest) =>
      live.get(sessionId)?.session.end(reason, detail ?? undefined),
    get isClosing() {
      return isClosing
    },
    /** Returns the figures for the metrics. */
    figures: () => figuresOf([...live.values()]),
    /** Ends all sessions with `shutdown`. Resolves when their end is in Redis, or cannot be written there. */
    async close(): Promise<void> {
      isClosing = true
      const stopped = heartbeats.close()
      for (const { session } of live.values()) session.end('shutdown')
      await Promise.all([stopped, ...ending])
      await outbox.flush()
    },
  }
}

const figuresOf = (entries: readonly LiveEntry[]) => ({
  sessions: entries.length,
  withoutTranscode: entries.filter(({ announcer }) => announcer.transcode.missingMs > missingTranscodeMs)
    .length,
  flvSubscribers: entries.reduce((sum, { session }) => sum + session.subscriberCount, 0),
})

function recordOf(publish: GrantedPublish, ingest: LiveSession['ingest']): LiveSession {
  const { sessionId, grant, request, claim, expectedGopMs } = publish
  const { channelId, slug, latency } = grant
  const publisher = { address: request.address, software: request.software }
  const startedAt = Date.now()
  return {
    ...{ sessionId, channelId, slug, latency, startedAt, ingest, publisher, claim },
    source: null,
    expectedGopMs,
  }
}
