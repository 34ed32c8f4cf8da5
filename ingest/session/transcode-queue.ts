import { Queue } from 'bullmq'
import {
  queuePrefix,
  type TranscodeJob,
  transcodeJobId,
  transcodeQueue,
} from '../../core/contracts/transcode-job.ts'
import type { Redis } from '../../core/process/redis.ts'

/** Number of failed jobs that are kept for inspection. */
const keptFailures = 100

/**
 * The only file of ingest that imports BullMQ. `redis` must wait while Redis is away, so that jobs are queued
 * when it is back.
 */
export function createTranscodeQueue(redis: Redis) {
  const queue = new Queue<TranscodeJob>(transcodeQueue, { connection: redis, prefix: queuePrefix })
  // The connection logs outages.
  queue.on('error', () => {})
  return {
    /** Requests a transcode. The same attempt of a session is queued only once. */
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
  }
}

export type TranscodeQueue = ReturnType<typeof createTranscodeQueue>
