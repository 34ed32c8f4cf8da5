import { Queue, Worker } from 'bullmq'
import { inTime } from '../../core/mechanisms/in-time.ts'
import type { Log } from '../../core/process/log.ts'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import type { Lane } from './delivery-store.ts'

/** Name of the BullMQ queue, and the prefix of BullMQ's keys in Redis. */
const [queueName, prefix] = ['webhooks', 'nowcast']
/** Maximum number of lanes on which one manager works. They mostly wait for responses. */
const concurrency = 200
/** Lifetime of the lock of a job, ms: the time after which the job of a dead manager runs again. */
const lockMs = 5000
/** Maximum time to queue a job, and to close, ms. */
const [addMs, closeMs] = [1000, 500]

/**
 * Creates the queue that shares the work on lanes among managers. It holds nothing that matters: the database
 * says what is due, so a lane whose job was lost is queued again. `redis` is a connection for this alone
 * whose commands wait while Redis is away; `close` closes it. No other file of the manager imports BullMQ.
 */
export function createAttemptQueue(redis: Redis, run: (lane: Lane) => Promise<void>, log: Log) {
  const queue = new Queue<Lane>(queueName, { connection: redis, prefix })
  const worker = new Worker<Lane>(queueName, ({ data }) => run(data), {
    connection: redis,
    prefix,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    runRetryDelay: 1000,
  })
  // The connection logs outages, and without a listener an error would end the process.
  queue.on('error', () => {})
  worker.on('error', (error) => log.debug({ err: error }, 'webhook queue'))

  return {
    /**
     * Queues work on a lane, unless it is queued already. Returns false when Redis does not take it in time.
     */
    async add(lane: Lane): Promise<boolean> {
      if (redis.status !== 'ready') return false
      const job = queue.add('lane', lane, {
        jobId: `${lane.webhookId}.${lane.lane}`,
        removeOnComplete: true,
        removeOnFail: true,
      })
      return inTime(job, addMs, 'late').then(
        () => true,
        () => false,
      )
    },
    /** Takes no more jobs. The runs in progress must have ended, or end soon. */
    async close(): Promise<void> {
      await inTime(Promise.all([worker.close(true), queue.close()]), closeMs, 'late').catch(() => {})
      closeRedis(redis)
    },
  }
}
