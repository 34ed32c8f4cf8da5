import type { SignalLog } from '../../core/coach/signal/signal-log.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { reportSignals } from '../measure/signal-reports.ts'
import type { GrantedPublish } from '../publish/publish-authority.ts'
import { watchTranscodes } from '../transcode/transcode-watch.ts'
import { createResumption, type ResumptionOptions } from './resumption.ts'
import type { SessionLife } from './session-life.ts'
import { firstRecord } from './session-record.ts'
import { createPublishStart, type PublishStartOptions } from './start-publish.ts'

/** Interval at which each session refreshes its record, ms: a quarter of the record's time to live. */
const heartbeatMs = 1500
/** Time without a transcoder after which a session counts in `withoutTranscode`, ms. */
const missingTranscodeMs = 5000
/** Maximum time to wait for the keyframe at which a publisher is asked to move, ms. */
const keyframeWithinMs = 3000

type Dependencies = PublishStartOptions['announcer'] & ResumptionOptions['announcer']

export type LiveSessionsOptions = Omit<
  PublishStartOptions,
  'announcer' | 'isClosing' | 'track' | 'outbox' | 'claims'
> &
  Omit<ResumptionOptions, 'announcer' | 'lives' | 'start'> & {
    announcer: Dependencies
    signals: Pick<SignalLog, 'append'>
  }

/** Creates the sessions of this process: those with a publisher, and those that wait for its return. */
export function createLiveSessions(options: LiveSessionsOptions) {
  const { announcer, log } = options
  const { outbox, claims } = announcer
  const lives = new Map<string, SessionLife>()
  const unfinished = new Set<Promise<void>>()
  let isClosing = false
  let isMoving = false

  function track(work: Promise<void>) {
    unfinished.add(work)
    void work.finally(() => unfinished.delete(work))
  }

  const startPublish = createPublishStart({ ...options, claims, outbox, isClosing: () => isClosing, track })

  function start(record: LiveSession, former?: LiveSession): SessionLife {
    const life = startPublish(record, former)
    lives.set(life.sessionId, life)
    life.session.onEnd(life.onEnd)
    return life
  }

  const present = (): SessionLife[] => {
    for (const [id, { at }] of lives) if (at === 'gone') lives.delete(id)
    return [...lives.values()]
  }
  const ofChannel = (channelId: string) => present().filter((life) => life.channelId === channelId)
  const find = (sessionId: string) => present().find((life) => life.sessionId === sessionId)
  const beatAll = () => Promise.all([...present().map((life) => life.beat()), outbox.flush()])
  const heartbeats = createPoll(beatAll, { everyMs: heartbeatMs })
  const [transcodes, reports] = [watchTranscodes({ present, find }), reportSignals(present, options.signals)]

  return {
    ...createResumption({ ...options, lives: { ofChannel, find }, start }),
    /** Opens the session of a publisher that has claimed its channel. */
    open(publish: GrantedPublish) {
      const record = firstRecord(publish, options)
      const { sessionId, slug, publisher } = record
      log.info({ sessionId, slug, ...publisher }, 'session started')
      const { session, started } = start(record)
      void started()
      return session
    },
    /** Announces all sessions again. Must be called when Redis is back, because records may have expired. */
    announceAll: () => void heartbeats.run(),
    ofChannel,
    has: (sessionId: string) => find(sessionId) !== undefined,
    find(sessionId: string) {
      const life = find(sessionId)
      return life?.at === 'publishing' ? life.session : undefined
    },
    pullLost: transcodes.pullLost,
    stop: ({ sessionId, reason, detail }: StopRequest) => find(sessionId)?.end(reason, detail ?? undefined),
    get isClosing() {
      return isClosing
    },
    /** Returns the part of `IngestState` that concerns sessions. */
    figures: () => figuresOf(present()),
    /**
     * Asks all publishers to connect to another ingest. Each session waits for that, also when this process
     * has ended.
     */
    move(): void {
      isMoving = true
      for (const { at, session } of present()) if (at === 'publishing') endAtKeyframe(session)
    },
    /**
     * Ends all sessions with `shutdown`, except those that wait after `move`. Resolves when their end is in
     * Redis, or cannot be written there.
     */
    async close(): Promise<void> {
      isClosing = true
      const stopped = Promise.all([heartbeats.close(), transcodes.close(), reports.close()])
      for (const life of present()) isMoving && life.at === 'waiting' ? life.leave() : life.end('shutdown')
      await stopped
      while (unfinished.size > 0) await Promise.all(unfinished)
      await outbox.flush()
    },
  }
}

/** Ends a publish at its next keyframe, so that the publisher connects to another ingest. */
function endAtKeyframe(session: SessionLife['session']) {
  session.endAtKeyframe('shutdown')
  setTimeout(() => session.end('shutdown'), keyframeWithinMs).unref()
}

function figuresOf(lives: readonly SessionLife[]) {
  const waits = lives.map(({ transcode }) => transcode.missingMs)
  return {
    sessions: lives.length,
    waitingSessions: lives.filter(({ at }) => at === 'waiting').length,
    withoutTranscode: waits.filter((ms) => ms > missingTranscodeMs).length,
    transcodeQueue: waits.filter((ms) => ms > 0).length,
    transcodeWaitSeconds: Math.max(0, ...waits) / 1000,
    flvSubscribers: lives.reduce((sum, { session }) => sum + session.subscriberCount, 0),
  }
}
