import { DelayedError, type Job, WaitingError, Worker } from 'bullmq'
import { queuePrefix, type TranscodeJob, transcodeQueue } from '../core/contracts/transcode-job.ts'
import type { Log } from '../core/process/log.ts'
import type { Redis } from '../core/process/redis.ts'
import type { SessionEnd } from './session/session.ts'

export interface TranscodeWorkerOptions {
  /** A connection that waits while Redis is away. */
  redis: Redis
  /** Sessions at the same time. */
  concurrency: number
  /** Transcodes a session until it ends or the signal asks to give it away. */
  run(sessionId: string, signal: AbortSignal): Promise<SessionEnd>
  log: Log
}

/** A worker that dies is missed after at most `lockMs` and two checks. */
const lockMs = 3000
const stalledCheckMs = 1000
/** Every restart of a transcoder may cost one; a session outlives many. */
const stallsAllowed = 1000
/** A job that failed by surprise is tried again after so long; the session's end ends that too. */
const retryMs = 1000
/** Finished jobs that are kept: their ids keep a job that was queued twice from running twice. */
const kept = { count: 1000 }

/** Takes transcode jobs from the queue, up to `concurrency` at a time. */
export function startTranscodeWorker({ redis, concurrency, run, log }: TranscodeWorkerOptions) {
  const closing = new AbortController()
  const running = new Map<string, Promise<SessionEnd>>()

  /**
   * Runs a session once in this process. After Redis was away a job comes a second time while its session still runs:
   * then the second waits for the first, and no viewer notices. Another process that got it is fenced by the epoch.
   */
  function join(sessionId: string): Promise<SessionEnd> {
    const known = running.get(sessionId)
    if (known !== undefined) return known
    const started = run(sessionId, closing.signal).finally(() => running.delete(sessionId))
    running.set(sessionId, started)
    return started
  }

  async function process(job: Job<TranscodeJob>, token?: string): Promise<SessionEnd> {
    const { sessionId } = job.data
    try {
      const end = await join(sessionId)
      if (end !== 'stopped') return end
    } catch (error) {
      log.error({ err: error, sessionId }, 'transcode job failed; it is tried again')
      await job.moveToDelayed(Date.now() + retryMs, token)
      throw new DelayedError()
    }
    await job.moveToWait(token)
    throw new WaitingError()
  }

  const worker = new Worker<TranscodeJob, SessionEnd>(transcodeQueue, process, {
    connection: redis,
    prefix: queuePrefix,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    maxStalledCount: stallsAllowed,
    removeOnComplete: kept,
    removeOnFail: kept,
  })
  // Every command that a missing Redis or a lost lock breaks is told here; the connection itself tells of outages.
  worker.on('error', (error) => log.debug({ err: error }, 'transcode queue'))
  worker.on('lockRenewalFailed', (jobs) =>
    log.warn({ jobs }, 'job lock lost: another transcoder may take over'),
  )
  worker.on('stalled', (job) => log.warn({ job }, 'job of a transcoder that is gone goes back to the queue'))

  return {
    get sessions(): number {
      return running.size
    },
    isRunning: () => worker.isRunning(),
    /** Takes no more jobs, gives the running ones back to the queue, and resolves when all is over. */
    async close(): Promise<void> {
      await worker.pause(true)
      closing.abort()
      await Promise.allSettled(running.values())
      await worker.close()
    },
  }
}
