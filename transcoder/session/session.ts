import { setTimeout as delay } from 'node:timers/promises'
import { type LiveRegistry, sessionTtlMs } from '../../core/contracts/live-registry.ts'
import type { SessionLog } from '../../core/contracts/session-log.ts'
import type { StopRequests } from '../../core/contracts/stop-requests.ts'
import { mediaLengthsOf } from '../../core/media/latency.ts'
import type { Log } from '../../core/process/log.ts'
import type { Presentation, PresentationOptions, TrackPlan } from '../hls/interface.ts'
import type { TranscoderMetrics } from '../metrics.ts'
import type { Ladder } from '../plan/ladder.ts'
import { audioName, planTranscode, type TranscodePlan } from '../plan/plan.ts'
import type { EncoderSettings, EpochEnd } from './epoch.ts'
import { createFailureBudget } from './failure-budget.ts'
import { createHealthReport } from './health-report.ts'
import { type FollowedSession, findSession, followSession, type KnownSession } from './live-session.ts'
import { keepOriginRecord } from './origin-record.ts'
import { longestGopMs } from './replan.ts'
import { createTranscode, type Transcode } from './transcode.ts'

/** Where presentations are served. */
export interface Stage {
  /** Makes a presentation and serves it from now on. */
  open(options: PresentationOptions): Presentation
  /** Serves an ended presentation as long as players may want to read its end, then calls `onGone`. */
  retire(presentation: Presentation, onGone: () => Promise<void>): void
  /** Serves a presentation no more. */
  close(presentation: Presentation): void
}

export interface SessionDependencies {
  registry: LiveRegistry
  sessionLog: Pick<SessionLog, 'append'>
  stopRequests: Pick<StopRequests, 'request'>
  stage: Stage
  /** Base URL under which edges reach the stage. */
  originUrl: string
  encoder: EncoderSettings
  ladder: Ladder
  /** Lengths of `low`, ms. */
  pieces: { partMs: number; segmentMs: number }
  /** Id of this process. */
  instance: string
  clusterSecret: string
  metrics: TranscoderMetrics
  log: Log
}

/** How the transcode of a session ended in this process. */
export type SessionEnd =
  /** There is no such session any more. */
  | 'gone'
  /** The publisher is through; the playlists are ended. */
  | 'ended'
  /** ffmpeg failed too often; the ingest was asked to end the session. */
  | 'failed'
  /** Another transcoder holds it. */
  | 'fenced'
  /** This process was asked to give it away; the session goes on. */
  | 'stopped'

/** Failures of ffmpeg that a session survives within a minute. */
const failuresAllowed = 4
const failureWindowMs = 60_000
/** Between tries, ms; doubled with each up to the longest. */
const firstBackoffMs = 100
const longestBackoffMs = 1000
/** After a proper end of the media the record goes at once; if it does not, the session is still live. */
const goneTimeoutMs = 2000
/** The record that a takeover reads is about one heartbeat old: so many segments may have begun since. */
const takeoverMargin = 2

/**
 * Transcodes one session until it ends, is taken over, or `signal` asks to give it away.
 * Rejects when the registry cannot be read at the start.
 */
export async function runSession(
  deps: SessionDependencies,
  sessionId: string,
  signal: AbortSignal,
): Promise<SessionEnd> {
  const session = await findSession(deps.registry, sessionId, signal)
  if (session === undefined) return signal.aborted ? 'stopped' : 'gone'
  const former = await deps.registry.origin(sessionId)
  if (former?.state === 'ended') return 'gone'

  const log = deps.log.child({ sessionId, slug: session.slug })
  const plan = firstPlan(deps, session)
  const { partMs, segmentMs } = mediaLengthsOf(session.latency, deps.pieces)
  const presentation = deps.stage.open({
    sessionId,
    slug: session.slug,
    partMs,
    segmentMs,
    renditions: tracksOf(plan),
    ...(session.mediaZeroAt === undefined ? {} : { mediaZeroAt: session.mediaZeroAt }),
    ...(former === undefined
      ? {}
      : { startMsn: former.nextMsn + takeoverMargin, startDiscontinuity: former.discontinuity }),
    log,
  })
  if (former !== undefined) log.info({ from: former.transcoder }, 'session taken over')

  const fence = new AbortController()
  const followed = followSession(deps.registry, session, log)
  const record = keepOriginRecord({
    ...{ registry: deps.registry, session, presentation, log },
    ...{ instance: deps.instance, url: deps.originUrl },
    onFenced: () => fence.abort(),
  })
  const health = createHealthReport({
    ...{ sessionId, slug: session.slug, record, log },
    ...{ pieceMs: partMs ?? segmentMs, sessionLog: deps.sessionLog, metrics: deps.metrics },
  })
  const transcode = createTranscode({
    ...{ deps, followed, presentation, record, health, plan, log },
    formerEpoch: former?.epoch ?? 0,
  })
  const stop = AbortSignal.any([signal, fence.signal])
  stop.addEventListener('abort', transcode.stop)
  if (stop.aborted) transcode.stop()

  const end = await untilEnd({ deps, followed, transcode, stop, log })
    .catch((error: unknown) => {
      if (stop.aborted) return 'stopped' as const
      throw error
    })
    .finally(() => {
      transcode.stop()
      followed.close()
      health.close()
    })
  const outcome = fence.signal.aborted ? 'fenced' : end

  if (outcome === 'ended' || outcome === 'failed') {
    presentation.end()
    await record.tell()
    deps.stage.retire(presentation, record.remove)
  } else {
    // Whoever takes over goes on from this record.
    if (outcome === 'stopped') await record.tell()
    record.close()
    deps.stage.close(presentation)
  }
  deps.metrics.ends.inc({ outcome })
  log.info({ outcome }, 'transcode over')
  return outcome
}

function firstPlan(
  { ladder, pieces }: SessionDependencies,
  { source, expectedGopMs }: KnownSession,
): TranscodePlan {
  const gopMs = source.video?.gopMs ?? expectedGopMs ?? 0
  return planTranscode(source, { ladder, followsSource: gopMs <= longestGopMs(pieces.segmentMs) })
}

/** There is always a rendition with sound: players want one timeline with the same tracks throughout. */
function tracksOf({ video, audio }: TranscodePlan): TrackPlan[] {
  return [
    ...video.map(({ name, bitrate }) => ({ name, kind: 'video' as const, passthrough: bitrate === null })),
    { name: audioName, kind: 'audio', passthrough: audio === 'copy' },
  ]
}

interface Run {
  deps: SessionDependencies
  followed: FollowedSession
  transcode: Transcode
  stop: AbortSignal
  log: Log
}

/** Runs transcodes of the session for as long as it is live. */
async function untilEnd({ deps, followed, transcode, stop, log }: Run): Promise<SessionEnd> {
  const budget = createFailureBudget(failuresAllowed, failureWindowMs)
  let backoffMs = firstBackoffMs
  let from: Transcode['resumeMark'] = null
  for (;;) {
    const startedAt = performance.now()
    const end: EpochEnd = await transcode.run(from)
    if (stop.aborted) return 'stopped'
    if (performance.now() - startedAt > failureWindowMs / 10) backoffMs = firstBackoffMs
    if (end.kind === 'source_ended' && (await isGone(followed, stop))) return 'ended'
    if (end.kind === 'failed') {
      deps.metrics.failures.inc()
      log.warn({ detail: end.detail, failures: budget.count + 1 }, 'ffmpeg failed')
      if (!budget.spend(performance.now())) return giveUp(deps, followed.latest, end.detail, log)
    } else if (end.kind === 'late') {
      deps.metrics.skips.inc()
      log.warn(
        'transcoding is too far behind: it goes on with the newest media, what lies between is left out',
      )
      from = null
      continue
    } else if (end.kind !== 'stopped') {
      log.warn(
        { why: end.kind === 'source_lost' ? end.detail : 'it ended, but the session is live' },
        'the source broke off',
      )
      if ((await followed.look()) === false && (await isLost(followed, stop))) return 'ended'
      transcode.planAgain()
    }
    from = end.kind === 'failed' ? transcode.resumeMark : null
    await delay(backoffMs, undefined, { signal: stop }).catch(() => {})
    if (stop.aborted) return 'stopped'
    backoffMs = Math.min(backoffMs * 2, longestBackoffMs)
  }
}

/** Whether the record of a session whose media ended properly goes away. */
async function isGone(followed: FollowedSession, stop: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + goneTimeoutMs
  while (!stop.aborted && performance.now() < deadline) {
    if ((await followed.look()) === false) return true
    await delay(50, undefined, { signal: stop }).catch(() => {})
  }
  return false
}

/** Whether a record that is missing stays so: it comes back soon when only Redis had lost it. */
async function isLost(followed: FollowedSession, stop: AbortSignal): Promise<boolean> {
  while (!stop.aborted && followed.missingMs < sessionTtlMs / 2) {
    await delay(250, undefined, { signal: stop }).catch(() => {})
    if ((await followed.look()) === true) return false
  }
  return !stop.aborted
}

async function giveUp(
  deps: SessionDependencies,
  { sessionId }: KnownSession,
  detail: string,
  log: Log,
): Promise<'failed'> {
  log.error({ detail }, 'ffmpeg failed too often: the session is given up')
  await deps.stopRequests
    .request({ sessionId, reason: 'transcode_failed', detail })
    .catch((error) => log.error({ err: error }, 'the ingest could not be asked to end the session'))
  return 'failed'
}
