import { setTimeout as delay } from 'node:timers/promises'
import { sessionTtlMs } from '../../core/contracts/live-registry.ts'
import { mediaLengthsOf } from '../../core/media/latency.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Mark } from '../flv/gate.ts'
import type { EpochSink, Presentation } from '../hls/interface.ts'
import { audioName, planAgain, type TranscodePlan } from '../plan/plan.ts'
import { type Epoch, type EpochEnd, startEpoch } from './epoch.ts'
import type { HealthReport } from './health-report.ts'
import { createLateness, type Lateness } from './lateness.ts'
import type { FollowedSession } from './live-session.ts'
import type { OriginRecord } from './origin-record.ts'
import { replanFor } from './replan.ts'
import type { SessionDependencies } from './session.ts'

export interface TranscodeOptions {
  deps: SessionDependencies
  followed: FollowedSession
  presentation: Presentation
  record: OriginRecord
  health: HealthReport
  plan: TranscodePlan
  /** Number of the newest epoch that the registry knew before; 0 for none. */
  formerEpoch: number
  log: Log
}

const tickMs = 250
/** Timestamps that fall back by more than any GOP belong to a publisher that began anew, ms. */
const restartedMs = 15_000

export type Transcode = ReturnType<typeof createTranscode>

/**
 * The epochs of a session, one after the other into one presentation. When the plan no longer fits the source, the
 * next epoch is made ready while the present one runs, and takes over at a place that is still to come.
 */
export function createTranscode({ deps, followed, presentation, record, health, ...rest }: TranscodeOptions) {
  const { log } = rest
  const { sessionId } = followed.latest
  let plan = rest.plan
  let current: Epoch | undefined
  let next: Epoch | undefined
  let isHandingOver = false
  let newestMs: number | undefined
  let lastEpoch = rest.formerEpoch
  const stopping = new AbortController()

  const mainRendition = () => plan.video[0]?.name ?? audioName

  /** Waits for Redis if need be: without a number nothing may be written. A Redis that lost its data counts from 1 again. */
  async function nextEpoch(): Promise<number> {
    for (;;) {
      try {
        const number = await deps.registry.nextEpoch(sessionId)
        if (number <= lastEpoch) continue
        lastEpoch = number
        return number
      } catch (error) {
        log.debug({ err: error }, 'no number for an epoch')
        await delay(500, undefined, { signal: stopping.signal })
      }
    }
  }

  async function begin(withPlan: TranscodePlan, from: Mark | null): Promise<Epoch> {
    const number = await nextEpoch()
    stopping.signal.throwIfAborted()
    deps.metrics.epochs.inc()
    const epoch = startEpoch({
      number,
      plan: withPlan,
      encoder: deps.encoder,
      partMs: mediaLengthsOf(followed.latest.latency, deps.pieces).partMs,
      flvUrl: followed.latest.ingest.flvUrl,
      secret: deps.clusterSecret,
      from,
      log: log.child({ epoch: number }),
    })
    void record.setEpoch(number, withPlan)
    return epoch
  }

  /** Opens an epoch to viewers, from its first bytes on: one that makes nothing leaves no trace in the playlists. */
  function attach(epoch: Epoch): () => void {
    let sink: EpochSink | undefined
    epoch.open((rendition, chunk) => {
      sink ??= openSink(epoch)
      sink.write(rendition, chunk)
    })
    return () => sink?.end()
  }

  function openSink(epoch: Epoch): EpochSink {
    const isNew = newestMs !== undefined && (epoch.source.newestMs ?? 0) < newestMs - restartedMs
    const gopMs = followed.latest.source.video?.gopMs ?? followed.latest.expectedGopMs
    const sink = presentation.beginEpoch({
      epoch: epoch.number,
      audio: epoch.plan.audio === 'silent' ? 'silent' : 'pipe',
      frameMs: 1000 / (epoch.plan.fps || 30),
      timeline: isNew ? 'new' : 'same',
      ...(epoch.plan.keyframes === 'timed'
        ? { gopMs: deps.pieces.segmentMs }
        : gopMs === null
          ? {}
          : { gopMs }),
      onFailure: (error) => epoch.fail(`its output cannot be understood: ${messageOf(error)}`),
    })
    health.restart()
    void tellEpoch(epoch)
    return sink
  }

  async function tellEpoch({ number, pid, plan: { video, audio, keyframes } }: Epoch) {
    log.info({ epoch: number, pid, video: video.map(describe), audio, keyframes }, 'transcoding')
    await deps.sessionLog
      .append({
        type: 'transcoding',
        at: Date.now(),
        sessionId,
        epoch: number,
        transcoder: deps.instance,
        renditions: record.renditions(),
      })
      .catch((error) => log.warn({ err: error }, 'the session log is away'))
  }

  /** Newest timestamp that the source is known to have: what its ingest tells may still lie on the way to this epoch. */
  function sourceMsOf({ source, flvUrl }: Epoch): number | undefined {
    const { ingest, newestMs: told } = followed.latest
    if (source.newestMs === undefined || told === undefined || ingest.flvUrl !== flvUrl)
      return source.newestMs
    return Math.max(source.newestMs, told)
  }

  function tick(epoch: Epoch, lateness: Lateness) {
    newestMs = epoch.source.newestMs ?? newestMs
    const sourceMs = sourceMsOf(epoch)
    const endMs = presentation.mediaEndMs(mainRendition())
    health.look(sourceMs, endMs)
    // The ingest took it off the registry, or is cut off from it: for everybody else the session is over.
    if (followed.missingMs > sessionTtlMs) return epoch.finish()
    if (isHandingOver) return
    if (sourceMs !== undefined && endMs !== undefined) {
      const sample = { now: performance.now(), behindMs: sourceMs - endMs, gopMs: epoch.source.longestGopMs }
      if (lateness.isTooLate(sample)) return epoch.giveWay()
    }
    const { source, expectedGopMs } = followed.latest
    const { ladder, pieces } = deps
    const replan = replanFor({
      plan,
      view: epoch.source,
      source,
      ladder,
      segmentMs: pieces.segmentMs,
      expectedGopMs,
    })
    if (replan !== undefined) void handOver(epoch, replan)
  }

  async function handOver(
    from: Epoch,
    { why, plan: withPlan, at }: NonNullable<ReturnType<typeof replanFor>>,
  ) {
    isHandingOver = true
    log.info({ why }, 'the plan changes')
    plan = withPlan
    try {
      const ready = await begin(withPlan, at)
      if (current !== from) return ready.stop()
      next = ready
      from.cutAt(at)
    } catch (error) {
      log.debug({ err: error }, 'no handover')
      isHandingOver = false
    }
  }

  return {
    /** Makes a plan for what the source is now, after it broke off. */
    planAgain(): void {
      const { source } = followed.latest
      plan = planAgain(plan, source, { ladder: deps.ladder, followsSource: plan.keyframes === 'source' })
    },
    /** Transcodes until the source is over or something fails. Rejects only when it was stopped before it began. */
    async run(from: Mark | null): Promise<EpochEnd> {
      current = await begin(plan, from)
      for (;;) {
        const epoch: Epoch = current
        const detach = attach(epoch)
        const timer = setInterval(tick, tickMs, epoch, createLateness(performance.now()))
        const end = await epoch.ended
        clearInterval(timer)
        newestMs = epoch.source.newestMs ?? newestMs
        detach()
        current = next
        next = undefined
        isHandingOver = false
        if (end.kind === 'cut' && current !== undefined) continue
        current?.stop()
        current = undefined
        return end
      }
    },
    /** Where an epoch goes on after ffmpeg failed: at the end of what is out, if pictures are encoded from anywhere. */
    get resumeMark(): Mark | null {
      const end = presentation.mediaEndMs(mainRendition())
      return plan.keyframes === 'timed' && end !== undefined ? { kind: 'time', ms: Math.floor(end) } : null
    },
    stop(): void {
      stopping.abort()
      current?.stop()
      next?.stop()
    },
  }
}

const describe = ({ name, width, height, bitrate }: TranscodePlan['video'][number]) =>
  `${name} ${width}x${height} ${bitrate === null ? 'passed through' : `${Math.round(bitrate / 1000)} kbit/s`}`
