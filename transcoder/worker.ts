import { DelayedError, type Job, WaitingError, Worker } from 'bullmq'
import { queuePrefix, type TranscodeJob, transcodeQueue } from '../core/contracts/transcode-job.ts'
import type { Log } from '../core/process/log.ts'
import type { Redis } from '../core/process/redis.ts'
import type { SessionEnd } from './session/session-dependencies.ts'

export interface TranscodeWorkerOptions {
  /** A connection that waits while Redis is away. */
  redis: Redis
  /** Maximum number of sessions at the same time. */
  concurrency: number
  /** Transcodes a session until it ends or the signal asks to hand it over. */
  run(sessionId: string, signal: AbortSignal): Promise<SessionEnd>
  log: Log
}

/** Lifetime of a job's lock, ms. A worker that died is noticed after at most this and two checks. */
const lockMs = 3000
/** Time between checks for jobs without a lock, ms. */
const stalledCheckMs = 1000
/** Maximum number of times that a job may lose its worker. Every restart of a transcoder may cost one. */
const maxStalls = 1000
/** Time until a job that failed unexpectedly is tried again, ms. Attempts end with the session. */
const retryMs = 1000
/** Finished jobs that are kept. Their ids prevent a job that was queued twice from running twice. */
const kept = { count: 1000 }

/** Takes transcode jobs from the queue, up to `concurrency` at a time. */
export function startTranscodeWorker({ redis, concurrency, run, log }: TranscodeWorkerOptions) {
  const closing = new AbortController()
  const running = new Map<string, Promise<SessionEnd>>()

  /**
   * Runs a session once in this process. After Redis was away, a job arrives a second time while its session
   * is still running. Then the second waits for the first, and no viewer notices. Another process that gets
   * the job is fenced by the epoch.
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
      log.error({ err: error, sessionId }, 'transcode job failed: it will be tried again')
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
    maxStalledCount: maxStalls,
    removeOnComplete: kept,
    removeOnFail: kept,
  })
  // Reports commands that fail because of an outage or a lost lock. The connection reports outages itself.
  worker.on('error', (error) => log.debug({ err: error }, 'transcode queue'))
  worker.on('lockRenewalFailed', (jobs) =>
    log.warn({ jobs }, 'job lock lost: another transcoder may take over'),
  )
  worker.on('stalled', (job) =>
    log.warn({ job }, 'the transcoder of this job is gone: the job returns to the queue'),
  )

  return {
    /** Number of sessions that are running. */
    get sessions(): number {
      return running.size
    },
    /** Takes no more jobs and returns the running ones to the queue. Resolves when all have ended. */
    async close(): Promise<void> {
      await worker.pause(true)
      closing.abort()
      await Promise.allSettled(running.values())
      await worker.close()
    },
  }
}
