import type { Origin } from '../../core/contracts/live-records.ts'
import { mediaLengthsOf } from '../../core/media/latency.ts'
import type { Log } from '../../core/process/log.ts'
import type { Presentation, PresentationOptions, RenditionPlan } from '../packager/packager.ts'
import { audioName, planTranscode, type TranscodePlan } from '../plan/plan.ts'
import { findSession, followSession, type KnownSession } from './followed-session.ts'
import { createHealthReport } from './health-report.ts'
import { keepOriginRecord, type OriginRecord } from './origin-record.ts'
import { maxGopMs } from './replan.ts'
import { runUntilEnd } from './run-loop.ts'
import { createRunOutput, type OutputRun } from './run-output.ts'
import { createRunStarter } from './run-starter.ts'
import type { SessionDependencies, SessionEnd } from './session-dependencies.ts'
import { createTranscode } from './transcode.ts'

/**
 * Number of segments that may have begun since the origin record was written that a takeover reads; it is at
 * most about one heartbeat old.
 */
const takeoverMargin = 2

/**
 * Transcodes a session until it ends, is taken over, or `signal` asks to hand it over.
 * Rejects when the registry cannot be read at the start.
 */
export async function runTranscodeSession(
  deps: SessionDependencies,
  sessionId: string,
  signal: AbortSignal,
): Promise<SessionEnd> {
  const session = await findSession(deps.registry, sessionId, signal)
  if (session === undefined) return signal.aborted ? 'stopped' : 'gone'
  const previous = await deps.registry.origin(sessionId)
  if (previous?.state === 'ended') return 'gone'

  const log = deps.log.child({ sessionId, slug: session.slug })
  if (previous !== undefined) log.info({ from: previous.transcoder }, 'session taken over')
  const plan = firstPlan(deps, session)
  const presentation = deps.host.open(presentationOptionsOf(session, plan, previous, deps.lengths, log))
  const fence = new AbortController()
  const record = keepOriginRecord({
    registry: deps.registry,
    session,
    presentation,
    instance: deps.instance,
    url: deps.originUrl,
    log,
    onFenced: () => fence.abort(),
  })

  const stop = AbortSignal.any([signal, fence.signal])
  const end = await transcodeUntilEnd(deps, {
    session,
    plan,
    presentation,
    record,
    previousEpoch: previous?.epoch ?? 0,
    stop,
    log,
  })
  const outcome = fence.signal.aborted ? 'fenced' : end
  await settle(outcome, deps, presentation, record)
  deps.metrics.ends.inc({ outcome })
  log.info({ outcome }, 'transcode ended')
  return outcome
}

function firstPlan(
  { ladder, lengths }: SessionDependencies,
  { source, expectedGopMs }: KnownSession,
): TranscodePlan {
  const gopMs = source.video?.gopMs ?? expectedGopMs ?? 0
  return planTranscode(source, { ladder, followsSource: gopMs <= maxGopMs(lengths.segmentMs) })
}

function presentationOptionsOf(
  { sessionId, slug, latency, mediaZeroAt }: KnownSession,
  plan: TranscodePlan,
  previous: Origin | undefined,
  lengths: SessionDependencies['lengths'],
  log: Log,
): PresentationOptions {
  return {
    sessionId,
    slug,
    ...mediaLengthsOf(latency, lengths),
    renditions: renditionsOf(plan),
    mediaZeroAt,
    startMsn: previous && previous.nextMsn + takeoverMargin,
    startDiscontinuity: previous?.discontinuity,
    log,
  }
}

/** There is always an audio rendition, because players expect the same tracks throughout a timeline. */
function renditionsOf({ video, audio }: TranscodePlan): RenditionPlan[] {
  return [
    ...video.map(({ name, bitrate }) => ({ name, kind: 'video' as const, passthrough: bitrate === null })),
    { name: audioName, kind: 'audio', passthrough: audio === 'copy' },
  ]
}

interface SessionTranscode {
  session: KnownSession
  plan: TranscodePlan
  presentation: Presentation
  record: OriginRecord
  /** Newest epoch of the session before; 0 for none. */
  previousEpoch: number
  stop: AbortSignal
  log: Log
}

/** Runs the transcode of a session, and reports its health, until it ends or `stop` aborts. */
async function transcodeUntilEnd(
  deps: SessionDependencies,
  { session, plan, presentation, record, previousEpoch, stop, log }: SessionTranscode,
): Promise<'ended' | 'failed' | 'stopped'> {
  const { registry, sessionLog, stopRequests, metrics, encoder, ladder, lengths, clusterSecret } = deps
  const { sessionId, slug, latency } = session
  const { partMs, segmentMs } = mediaLengthsOf(latency, lengths)
  const followed = followSession(registry, session, log)
  const health = createHealthReport({
    sessionId,
    slug,
    pieceMs: partMs ?? segmentMs,
    record,
    sessionLog,
    metrics,
    log,
  })
  const transcode = createTranscode({
    startRun: createRunStarter({
      registry,
      followed,
      previousEpoch,
      encoder,
      lengths,
      clusterSecret,
      record,
      metrics,
      log,
    }),
    output: createRunOutput({
      presentation,
      followed,
      segmentMs,
      metrics,
      log,
      onFirstOutput(run) {
        health.restart()
        void reportRun(run, deps, sessionId, record, log)
      },
    }),
    followed,
    presentation,
    health,
    plan,
    ladder,
    segmentMs,
    log,
  })
  stop.addEventListener('abort', transcode.stop)
  if (stop.aborted) transcode.stop()
  try {
    return await runUntilEnd({ transcode, followed, stopRequests, metrics, stop, log })
  } catch (error) {
    if (stop.aborted) return 'stopped'
    throw error
  } finally {
    transcode.stop()
    followed.close()
    health.close()
  }
}

/** Reports a run that has begun to publish to the log and the session log. */
async function reportRun(
  { epoch, pid, plan: { video, audio, keyframes } }: OutputRun,
  { sessionLog, instance }: SessionDependencies,
  sessionId: string,
  record: OriginRecord,
  log: Log,
): Promise<void> {
  log.info({ epoch, pid, video: video.map(describe), audio, keyframes }, 'transcoding')
  await sessionLog
    .append({
      type: 'transcoding',
      at: Date.now(),
      sessionId,
      epoch,
      transcoder: instance,
      renditions: record.renditions(),
    })
    .catch((error) => log.warn({ err: error }, 'the session log is away'))
}

const describe = ({ name, width, height, bitrate }: TranscodePlan['video'][number]) =>
  `${name} ${width}x${height} ${bitrate === null ? 'passed through' : `${Math.round(bitrate / 1000)} kbit/s`}`

/** Ends the presentation or leaves it to another transcoder. */
async function settle(
  outcome: SessionEnd,
  { host }: SessionDependencies,
  presentation: Presentation,
  record: OriginRecord,
): Promise<void> {
  if (outcome === 'ended' || outcome === 'failed') {
    presentation.end()
    await record.put()
    host.retire(presentation, record.remove)
    return
  }
  // The transcoder that takes over continues from this record.
  if (outcome === 'stopped') await record.put()
  record.close()
  host.close(presentation)
}
