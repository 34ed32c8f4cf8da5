import { setTimeout as delay } from 'node:timers/promises'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import { mediaLengthsOf } from '../../core/media/latency.ts'
import type { Log } from '../../core/process/log.ts'
import type { Mark } from '../flv/start-filter.ts'
import type { TranscodePlan } from '../plan/plan.ts'
import type { FollowedSession } from './followed-session.ts'
import type { OriginRecord } from './origin-record.ts'
import type { SessionDependencies, SessionMetrics } from './session-dependencies.ts'
import { type EncoderSettings, startTranscodeRun, type TranscodeRun } from './transcode-run.ts'

export interface RunStarterOptions {
  registry: Pick<LiveRegistry, 'nextEpoch'>
  followed: FollowedSession
  /** Newest epoch of the session before; 0 for none. */
  previousEpoch: number
  encoder: EncoderSettings
  lengths: SessionDependencies['lengths']
  clusterSecret: string
  record: Pick<OriginRecord, 'setEpoch'>
  metrics: Pick<SessionMetrics, 'epochs'>
  log: Log
}

/** Time between attempts to get an epoch from Redis, ms. */
const epochRetryMs = 500

/**
 * Starts a run of a plan from a mark, null for the newest keyframe. Rejects when `stop` aborts before the
 * start.
 */
export type StartRun = (plan: TranscodePlan, from: Mark | null, stop: AbortSignal) => Promise<TranscodeRun>

/** Returns the function that starts the runs of a session, each with the next epoch. */
export function createRunStarter(options: RunStarterOptions): StartRun {
  const { registry, followed, encoder, lengths, clusterSecret, record, metrics, log } = options
  let newestEpoch = options.previousEpoch

  /**
   * Waits while Redis is away, because nothing may be published without an epoch. A Redis that lost its data
   * counts from 1 again.
   */
  async function nextEpoch(stop: AbortSignal): Promise<number> {
    for (;;) {
      try {
        const epoch = await registry.nextEpoch(followed.latest.sessionId)
        if (epoch <= newestEpoch) continue
        newestEpoch = epoch
        return epoch
      } catch (error) {
        log.debug({ err: error }, 'cannot get an epoch')
        await delay(epochRetryMs, undefined, { signal: stop })
      }
    }
  }

  return async (plan, from, stop) => {
    const epoch = await nextEpoch(stop)
    stop.throwIfAborted()
    metrics.epochs.inc()
    const { latency, ingest } = followed.latest
    const run = startTranscodeRun({
      epoch,
      plan,
      encoder,
      partMs: mediaLengthsOf(latency, lengths).partMs,
      flvUrl: ingest.flvUrl,
      secret: clusterSecret,
      from,
      log: log.child({ epoch }),
    })
    void record.setEpoch(epoch, plan)
    return run
  }
}
