import { Queue } from 'bullmq'
import {
  queuePrefix,
  type TranscodeJob,
  transcodeJobId,
  transcodeQueue,
} from '../../core/contracts/transcode/transcode-job.ts'
import type { Redis } from '../../core/process/redis.ts'

/** Number of failed jobs that stay in Redis for inspection. */
const keptFailures = 100

/**
 * Creates the queue of transcode jobs. `redis` must let commands wait while Redis is away, so that no job is
 * lost. No other file of ingest imports BullMQ.
 */
export function createTranscodeQueue(redis: Redis) {
  const queue = new Queue<TranscodeJob>(transcodeQueue, { connection: redis, prefix: queuePrefix })
  // The connection logs outages already, and without a listener the error would end the process.
  queue.on('error', () => {})
  return {
    /**
     * Requests a transcode. `attempt` counts from 1. BullMQ ignores the request while it has a job of the
     * same attempt.
     */
    async add(sessionId: string, attempt: number): Promise<void> {
      await queue.add(
        'transcode',
        { sessionId },
        {
          jobId: transcodeJobId(sessionId, attempt),
          removeOnComplete: true,
          removeOnFail: keptFailures,
        },
      )
    },

    /**
     * Takes the job of an attempt from the worker that has it, and returns it to the queue. Returns false
     * when no worker has it.
     */
    async passOn(sessionId: string, attempt: number): Promise<boolean> {
      const jobId = transcodeJobId(sessionId, attempt)
      const token = await redis.get(`${queue.toKey(jobId)}:lock`)
      const job = token === null ? undefined : await queue.getJob(jobId)
      if (token === null || job === undefined) return false
      await job.moveToWait(token)
      return true
    },

    /** Whether the job of an attempt waits or runs; false when it has ended or was lost. */
    async hasJob(sessionId: string, attempt: number): Promise<boolean> {
      const state = await queue.getJobState(transcodeJobId(sessionId, attempt))
      return state !== 'unknown' && state !== 'completed' && state !== 'failed'
    },
  }
}

export type TranscodeQueue = ReturnType<typeof createTranscodeQueue>
