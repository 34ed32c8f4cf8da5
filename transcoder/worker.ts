import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { type Job, WaitingError, Worker } from 'bullmq'
import { queuePrefix, type TranscodeJob, transcodeQueue } from '../core/contracts/transcode/transcode-job.ts'
import type { Log } from '../core/process/log.ts'
import type { Redis } from '../core/process/redis.ts'
import { createJobLocks } from './job-locks.ts'
import type { Leaving, SessionEnd } from './session/session-dependencies.ts'

export interface TranscodeWorkerOptions {
  /** Connection to Redis whose commands wait while Redis is away. */
  redis: Redis
  /** Maximum number of sessions that are transcoded at a time. As many more may wait for their publishers. */
  concurrency: number
  /** Whether another transcoder works on a session. */
  isElsewhere(sessionId: string): Promise<boolean>
  /** Reserves room for a session. Returns false when it is left to a transcoder with more room. */
  reserve(sessionId: string): Promise<boolean>
  /** Frees the room of a session. Called after each run, and when none follows `reserve`. */
  release(sessionId: string): void
  /**
   * Transcodes a session until it ends, or until it is left to another transcoder. `onWaiting` must be called
   * when the session begins to wait for its publisher, and when the publisher has returned.
   */
  run(sessionId: string, leaving: Leaving, onWaiting: (isWaiting: boolean) => void): Promise<SessionEnd>
  log: Log
}

/** Time until a job returns to the queue whose session this process may not transcode now, ms. */
const declineMs = 200
/** Lifetime of the lock of a job, ms. The death of a worker is noticed after at most this and two checks. */
const lockMs = 3000
/** Interval of the check for jobs whose lock has expired, ms. */
const stalledCheckMs = 1000
/** Maximum number of workers that a job may lose. Each restart of a transcoder may cost one. */
const maxStalls = 1000
/**
 * Time until a job that failed unexpectedly runs again, and until jobs are taken again after an error, ms.
 * The number of attempts has no limit: they end with the session.
 */
const retryMs = 1000
/**
 * Maximum number of completed jobs, and of failed jobs, that stay in Redis. A job with the id of one of them
 * is not queued again.
 */
const kept = { count: 1000 }

const queueOptions = {
  prefix: queuePrefix,
  lockDuration: lockMs,
  // `createJobLocks` renews them.
  skipLockRenewal: true,
  stalledInterval: stalledCheckMs,
  maxStalledCount: maxStalls,
  runRetryDelay: retryMs,
  removeOnComplete: kept,
  removeOnFail: kept,
}

/**
 * Why a job no longer waits for the run of its session: the job was taken again, or is offered to other
 * transcoders.
 */
type Parting = 'superseded' | 'offered'

interface SessionRun {
  end: Promise<SessionEnd>
  /** Ends the wait of the job that is waiting for this run. */
  part(how: Parting): void
}

/** Creates the runs of sessions in this process. */
function createSessionRuns(
  { run, release }: Pick<TranscodeWorkerOptions, 'run' | 'release'>,
  leaving: Leaving,
) {
  const running = new Map<string, SessionRun>()
  const waiting = new Set<string>()

  function start(sessionId: string): Promise<SessionEnd> {
    const onWaiting = (isWaiting: boolean) => {
      if (isWaiting) waiting.add(sessionId)
      else waiting.delete(sessionId)
    }
    return run(sessionId, leaving, onWaiting).finally(() => {
      running.delete(sessionId)
      waiting.delete(sessionId)
      release(sessionId)
    })
  }

  /**
   * Runs a session, at most once in this process. After an outage of Redis a job arrives again while its
   * session is running. That job then waits for the run, and no viewer notices. The earlier job has lost its
   * lock, so its wait ends with `superseded`, and its place is free for another session.
   */
  function join(sessionId: string): Promise<SessionEnd | Parting> {
    let known = running.get(sessionId)
    if (known === undefined) {
      known = { end: start(sessionId), part() {} }
      running.set(sessionId, known)
    }
    known.part('superseded')
    const { promise, resolve } = Promise.withResolvers<Parting>()
    known.part = resolve
    return Promise.race([known.end, promise])
  }

  return {
    join,
    has: (sessionId: string) => running.has(sessionId),
    get count(): number {
      return running.size
    },
    /** Number of the sessions that do not wait for their publishers. */
    get activeCount(): number {
      return running.size - waiting.size
    },
    /** Ends the waits of all jobs, which then return to the queue. The runs continue. */
    partAll(): void {
      for (const { part } of running.values()) part('offered')
    },
    /** Resolves when all runs have ended. */
    ended: () => Promise.allSettled([...running.values()].map(({ end }) => end)),
  }
}

/**
 * Creates the function that runs the session of a job, unless this process is full or the session is better
 * off elsewhere. The job of a session on which another process works has lost its lock. It returns to the
 * queue until its transcoder takes it again, or dies.
 */
function createFollow(
  { concurrency, isElsewhere, reserve, release, log }: TranscodeWorkerOptions,
  runs: ReturnType<typeof createSessionRuns>,
  leaving: Leaving,
  pause: (ms: number) => Promise<SessionEnd>,
) {
  return async (sessionId: string): Promise<SessionEnd | Parting> => {
    const isFull = () => leaving.offer.aborted || (!runs.has(sessionId) && runs.activeCount >= concurrency)
    if (isFull()) return pause(declineMs)
    if (await isElsewhere(sessionId)) {
      log.debug({ sessionId }, 'another transcoder works on this session')
      return pause(declineMs)
    }
    if (!(await reserve(sessionId))) {
      log.debug({ sessionId }, 'another transcoder has more room for this session')
      return pause(declineMs)
    }
    if (!isFull()) return runs.join(sessionId)
    release(sessionId)
    return pause(declineMs)
  }
}

/**
 * Takes transcode jobs from the queue and runs up to `concurrency` of them at a time. Sessions that wait for
 * their publishers need no encoder and do not count, so that others can start.
 */
export function startTranscodeWorker(options: TranscodeWorkerOptions) {
  const { redis, concurrency, log } = options
  const [offering, closing] = [new AbortController(), new AbortController()]
  const leaving = { offer: offering.signal, stop: closing.signal }
  const runs = createSessionRuns(options, leaving)

  /** Waits before a job returns to the queue. `close` ends the wait. */
  const pause = (ms: number): Promise<SessionEnd> =>
    delay<SessionEnd>(ms, 'stopped', { signal: closing.signal }).catch(() => 'stopped')

  const follow = createFollow(options, runs, leaving, pause)

  async function process(job: Job<TranscodeJob>, token = ''): Promise<SessionEnd> {
    const { sessionId } = job.data
    const jobId = job.id ?? ''
    locks.hold(jobId, token)
    const end = await follow(sessionId)
      .catch((error) => {
        log.error({ err: error, sessionId }, 'transcode job failed: it will be tried again')
        // The delay of BullMQ is not used, because it compares the clocks of different machines.
        return pause(retryMs)
      })
      .finally(() => locks.release(jobId, token))
    if (end !== 'stopped' && end !== 'superseded' && end !== 'offered') return end
    if (end !== 'superseded') {
      await job.moveToWait(token)
      // BullMQ takes a job when this one is over: the same job again, if no other transcoder had the time.
      await pause(declineMs)
    }
    throw new WaitingError()
  }

  const worker = new Worker<TranscodeJob, SessionEnd>(transcodeQueue, process, {
    ...queueOptions,
    connection: redis,
    concurrency: 2 * concurrency,
  })
  const locks = createJobLocks({
    lockMs,
    renew: (jobIds, tokens) => worker.extendJobLocks(jobIds, tokens, lockMs),
    onLost: (job) => log.warn({ job }, 'the lock of this job was lost: the job may return to the queue'),
  })
  // Such an error is a command that failed in an outage or after a lost lock. The connection logs outages.
  worker.on('error', (error) => log.debug({ err: error }, 'transcode queue'))
  worker.on('stalled', (job) => log.warn({ job }, 'this job has no lock: it returns to the queue'))

  return {
    get sessions(): number {
      return runs.count
    },
    /** Number of the sessions that do not wait for their publishers. */
    get activeSessions(): number {
      return runs.activeCount
    },
    /**
     * Takes no more jobs and offers the running ones to other transcoders, each of which continues a session
     * when it has media of its own. Resolves when all runs have ended, or `signal` aborts.
     */
    async handOver(signal: AbortSignal): Promise<void> {
      await worker.pause(true)
      offering.abort()
      runs.partAll()
      await Promise.race([runs.ended(), signal.aborted || once(signal, 'abort')])
    },
    /** Takes no more jobs and returns the running ones to the queue. Resolves when all runs have ended. */
    async close(): Promise<void> {
      await worker.pause(true)
      closing.abort()
      await runs.ended()
      await worker.close()
      locks.close()
    },
  }
}
