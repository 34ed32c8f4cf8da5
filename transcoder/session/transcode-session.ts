import { setTimeout as delay } from 'node:timers/promises'
import { mediaLengthsOf } from '../../core/media/latency.ts'
import type { Log } from '../../core/process/log.ts'
import { EpochSequence } from '../epoch/epoch-sequence.ts'
import { endOfAdopted, type Presentation } from '../packager/packager.ts'
import { createSessionPictures } from '../picture/session-pictures.ts'
import { createSessionSlate, type SessionSlate } from '../slate/session-slate.ts'
import { createSourceFeed } from '../source/source-feed.ts'
import { reserveEpochNumbers } from './epoch-numbers.ts'
import { reportEpoch } from './epoch-report.ts'
import { type FollowedSession, findSession, followSession, type KnownSession } from './followed-session.ts'
import { createHealthReport, newestMsOf } from './health-report.ts'
import { keepOriginRecord, type OriginRecord } from './origin-record.ts'
import { presentationOptionsOf } from './presentation-options.ts'
import type { Leaving, SessionDependencies, SessionEnd } from './session-dependencies.ts'
import { createSessionKeeper } from './session-keeper.ts'
import { followSource } from './source-loop.ts'
import { startTicks } from './ticks.ts'

/**
 * Time for which the media of a session stay available that another transcoder continues, so that edges have
 * learned of that one, ms.
 */
const movingMs = 1500
/**
 * Time for which a request to end a session is repeated while Redis is away, ms. If the request is never
 * received, the ingest finds the session without a transcode and requests one again.
 */
const endRequestMs = 60_000
const endRetryMs = 1000
/** Interval of the work that does not wait for media, ms: `EpochSequence.tick` and the health report. */
const tickMs = 100

/**
 * Transcodes a session until it ends, ffmpeg fails too often, another transcoder publishes it, or it is left
 * to another. Rejects when the registry cannot be read at the start.
 */
export async function runTranscodeSession(
  deps: SessionDependencies,
  sessionId: string,
  leaving: Leaving,
): Promise<SessionEnd> {
  const session = await findSession(deps.registry, sessionId, leaving.stop)
  if (session === undefined) return leaving.stop.aborted ? 'stopped' : 'gone'
  const previous = await deps.registry.origin(sessionId)

  const log = deps.log.child({ sessionId, slug: session.slug })
  if (previous !== undefined) log.info({ from: previous.transcoder }, 'session taken over')
  const adopted = previous && (await deps.host.adopt(previous))
  const options = presentationOptionsOf(session, previous, deps.lengths, log)
  const presentation = deps.host.open({ ...options, adopted })
  const fence = new AbortController()
  const record = keepOriginRecord({
    registry: deps.registry,
    session,
    presentation,
    instance: deps.instance,
    url: deps.originUrl,
    formerBehindMs: previous?.isOffered ? previous.health.behindMs : undefined,
    log,
    onFenced: () => fence.abort(),
  })

  const stop = AbortSignal.any([leaving.stop, fence.signal])
  const previousEpoch = previous?.epoch ?? 0
  leaving.offer.addEventListener('abort', record.offer)
  const fromMs = adopted && endOfAdopted(adopted)
  const transcode = { session, presentation, record, previousEpoch, fromMs, stop, log }
  const end = await transcodeUntilEnd(deps, transcode)
  leaving.offer.removeEventListener('abort', record.offer)
  const outcome = fence.signal.aborted ? 'fenced' : end
  if (outcome === 'fenced' && leaving.offer.aborted) await stayUntilMoved(presentation, leaving.stop)
  await settle(outcome, deps, presentation, record)
  deps.metrics.ends.inc({ outcome })
  log.info({ outcome }, 'transcode ended')
  return outcome
}

/** Keeps the media of a session available while edges move to its new transcoder. */
async function stayUntilMoved(presentation: Presentation, stop: AbortSignal): Promise<void> {
  presentation.leave()
  await delay(movingMs, undefined, { signal: stop }).catch(() => {})
}

interface SessionTranscode {
  session: KnownSession
  presentation: Presentation
  record: OriginRecord
  /** Newest epoch of an earlier run of this session; 0 when there was none. */
  previousEpoch: number
  /** Session time at which the media ends that another transcoder has stored, ms. */
  fromMs: number | undefined
  stop: AbortSignal
  log: Log
}

/**
 * Reads the source of a session and transcodes it until it ends, ffmpeg fails too often, or `stop` aborts.
 */
async function transcodeUntilEnd(
  deps: SessionDependencies,
  transcode: SessionTranscode,
): Promise<'ended' | 'failed' | 'stopped'> {
  const { registry, sourceKey } = deps
  const { session, previousEpoch, log } = transcode
  const { sessionId } = session
  const failure = new AbortController()
  const stop = AbortSignal.any([transcode.stop, failure.signal])
  const followed = followSession(registry, session, log)
  const health = createHealthReport({ ...deps, ...transcode, ...session, pieceMs: pieceMsOf(deps, session) })
  try {
    const nextNumber = await reserveEpochNumbers({ registry, sessionId, previousEpoch, stop, log })
    const onFailed = (detail: string) => {
      void requestEnd(deps, sessionId, detail, log)
      failure.abort()
    }
    const { sequence, slate } = createSequence(deps, transcode, followed, { nextNumber, onFailed })
    const feed = createSourceFeed({ secret: sourceKey, onUnit: (unit) => sequence.add(unit) })
    const pictures = createSessionPictures({
      ...{
        ...deps.encoder,
        ...deps.encoder.ffmpeg,
        everyMs: deps.pictureEveryMs,
        tracks: sequence.tracks,
        log,
      },
      onPicture: (jpeg) => {
        transcode.presentation.picture = jpeg
      },
    })
    const work = () => {
      if (sequence.isInterrupted) return
      sequence.tick()
      pictures.tick(performance.now())
      health.update(newestMsOf(feed.newestMs, followed.latest, session), sequence.current?.receivedMs)
    }
    const endTicks = startTicks({ everyMs: tickMs, work, onFailed, log })
    try {
      const { onWaiting } = deps
      const events = { onInterrupted: () => sequence.interrupt(), onUnreadable: onFailed, onWaiting }
      const keeper = createSessionKeeper({ ...deps, followed, log })
      const { fromMs } = transcode
      const end = await followSource({ ...events, feed, followed, keeper, fromMs, stop, log })
      if (end === 'ended') await sequence.finish()
      return failure.signal.aborted ? 'failed' : end
    } finally {
      endTicks()
      pictures.close()
      slate.close()
      await sequence.stop()
    }
  } catch (error) {
    if (stop.aborted) return 'stopped'
    throw error
  } finally {
    followed.close()
    health.close()
  }
}

function pieceMsOf({ lengths }: SessionDependencies, { latency }: KnownSession): number {
  const { partMs, segmentMs } = mediaLengthsOf(latency, lengths)
  return partMs ?? segmentMs
}

interface SequenceEvents {
  nextNumber: () => number
  /** Called when ffmpeg failed too often and no video is passed through. */
  onFailed(detail: string): void
}

function createSequence(
  deps: SessionDependencies,
  { session, presentation, record, log }: SessionTranscode,
  followed: FollowedSession,
  { nextNumber, onFailed }: SequenceEvents,
): { sequence: EpochSequence; slate: SessionSlate } {
  const { encoder, ladder, lengths, metrics, room } = deps
  const slate = createSessionSlate({
    library: deps.slates,
    wanted: () => followed.latest.slate,
    onReady: () => sequence.showSlate(),
    failures: metrics.slateFailures,
    log,
  })
  const sequence = new EpochSequence({
    presentation,
    encoders: { ...encoder, segmentMs: lengths.segmentMs, metrics, log, onFailed },
    planOptions: { ladder, fillsParts: presentation.fillsParts },
    segmentMs: lengths.segmentMs,
    allowance: room.allowanceOf(session.sessionId),
    measured: () => followed.latest,
    nextNumber,
    onEpoch(epoch) {
      metrics.epochs.inc()
      void record.setEpoch(epoch.number, epoch.plan)
      void reportEpoch(epoch, deps, session.sessionId, record, log)
      slate.prepare(epoch.plan)
    },
    slateOf: slate.of,
    log,
  })
  return { sequence, slate }
}

async function requestEnd(
  { stopRequests }: SessionDependencies,
  sessionId: string,
  detail: string,
  log: Log,
): Promise<void> {
  log.error({ detail }, 'transcoding failed too often: the session ends')
  const deadline = performance.now() + endRequestMs
  while (performance.now() < deadline)
    try {
      return await stopRequests.request({ sessionId, reason: 'transcode_failed', detail })
    } catch (error) {
      log.warn({ err: error }, 'cannot ask the ingest to end the session yet')
      await delay(endRetryMs, undefined, { ref: false })
    }
}

/** Ends the presentation if the session is over, or leaves it to another transcoder. */
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
  // Another transcoder continues from this record, so its newest state must be in Redis.
  if (outcome === 'stopped') {
    await host.stored(presentation)
    await record.release()
  }
  record.close()
  presentation.leave()
  host.close(presentation)
}
