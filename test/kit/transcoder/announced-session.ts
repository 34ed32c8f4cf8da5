import { Queue } from 'bullmq'
import { newChannelId, newSessionId } from '../../../core/contracts/ids.ts'
import type { LiveSession, Origin } from '../../../core/contracts/live-records.ts'
import { createLiveRegistry } from '../../../core/contracts/live-registry.ts'
import { createSessionLog, type SessionEvent } from '../../../core/contracts/session-log.ts'
import { createStopRequests } from '../../../core/contracts/stop-requests.ts'
import {
  queuePrefix,
  transcodeJobId,
  transcodeQueue,
} from '../../../core/contracts/transcode/transcode-job.ts'
import type { Source } from '../../../core/media/source.ts'
import { createLog } from '../../../core/process/log.ts'
import { closeRedis, connectRedis, redisReady } from '../../../core/process/redis.ts'
import { waitFor } from '../wait-for.ts'

export interface AnnounceOptions {
  redisUrl: string
  flvUrl: string
  /** Returns the newest session time of the source, ms. */
  newestMs: () => number
  source: Source
  expectedGopMs: number | null
  priority?: number | undefined
}

export type AnnouncedSession = Awaited<ReturnType<typeof announceSession>>

/** Announces a session as an ingest does: writes its record, refreshes it each second, and queues its job. */
export async function announceSession({ redisUrl, newestMs, ...options }: AnnounceOptions) {
  const log = createLog('test', 'error')
  const connect = (whenAway: 'wait' | 'fail') =>
    connectRedis({ url: redisUrl, log, purpose: 'test', whenAway })
  const redis = connect('fail')
  const queueRedis = connect('wait')
  await redisReady(redis)
  const registry = createLiveRegistry(redis)
  const record = newRecord(options)
  const { sessionId } = record
  await registry.putSession(record)
  const beat = () => registry.putSession({ ...record, newestMs: newestMs() }, false).catch(() => {})
  const heartbeat = setInterval(() => void beat(), 1000)
  const queue = new Queue(transcodeQueue, { connection: queueRedis, prefix: queuePrefix })
  queue.on('error', () => {})
  const jobId = transcodeJobId(sessionId, 1)
  await queue.add('transcode', { sessionId }, { jobId })

  return {
    /**
     * Record of the session in the live registry. The next heartbeat writes changes that a test makes to it.
     */
    record,
    sessionId,
    registry,
    origin: () => registry.origin(sessionId),
    /**
     * Waits until `is` returns true for the origin record of the session, and returns the record. `what` is
     * the condition in words, for the error message.
     */
    async originWhere(what: string, is: (origin: Origin) => boolean, timeoutMs = 15_000): Promise<Origin> {
      return waitFor(
        `an origin that is ${what}`,
        async () => {
          const origin = await registry.origin(sessionId)
          return origin !== undefined && is(origin) && origin
        },
        { timeoutMs, everyMs: 20 },
      )
    },
    async events(): Promise<SessionEvent[]> {
      return (await createSessionLog(redis).read('0', 1)).map(({ event }) => event)
    },
    stopRequest: () => createStopRequests(redis).pending(sessionId),
    /** Removes the lock of the job, as an outage of Redis does that lasts longer than the lock. */
    loseLock: () => redis.del(`${queuePrefix}:${transcodeQueue}:${jobId}:lock`),
    jobState: async () => (await queue.getJob(jobId))?.getState(),
    /** Removes the session from the registry, as an ingest does when the publisher leaves. */
    async end(): Promise<void> {
      clearInterval(heartbeat)
      await registry.removeSession(record)
    },
    /** Closes the connections to Redis. If `end` was not called before, the record expires. */
    async close(): Promise<void> {
      clearInterval(heartbeat)
      await queue.close()
      for (const each of [redis, queueRedis]) closeRedis(each)
    },
  }
}

function newRecord({
  flvUrl,
  source,
  expectedGopMs,
  priority = 0,
}: Pick<AnnounceOptions, 'flvUrl' | 'source' | 'expectedGopMs' | 'priority'>): LiveSession {
  const sessionId = newSessionId()
  const suffix = sessionId
    .slice(-6)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, 'x')
  return {
    sessionId,
    channelId: newChannelId(),
    slug: `show-${suffix}`,
    latency: 'low',
    startedAt: Date.now(),
    ingest: { instance: 'i_test', flvUrl },
    publisher: { address: '127.0.0.1', software: null },
    source,
    expectedGopMs,
    priority,
  }
}
