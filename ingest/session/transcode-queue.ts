import { Queue } from 'bullmq'
import {
  queuePrefix,
  type TranscodeJob,
  transcodeJobId,
  transcodeQueue,
} from '../../core/contracts/transcode-job.ts'
import type { Redis } from '../../core/process/redis.ts'

/** Failed jobs that are kept for a look. */
const keptFailures = 100

/** The one place of ingest that knows BullMQ. `redis` must wait while Redis is away: jobs are then queued when it is back. */
export function createTranscodeQueue(redis: Redis) {
  const queue = new Queue<TranscodeJob>(transcodeQueue, { connection: redis, prefix: queuePrefix })
  // Outages are told by the connection itself.
  queue.on('error', () => {})
  return {
    /** Asks for a transcode; the same session and attempt is queued once only. */
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
    close: () => queue.close(),
  }
}

export type TranscodeQueue = ReturnType<typeof createTranscodeQueue>
