import { Queue } from 'bullmq'
import { newChannelId, newSessionId } from '../../core/contracts/ids.ts'
import type { LiveSession, Origin } from '../../core/contracts/live-records.ts'
import { createLiveRegistry } from '../../core/contracts/live-registry.ts'
import { createSessionLog, type SessionEvent } from '../../core/contracts/session-log.ts'
import { createStopRequests } from '../../core/contracts/stop-requests.ts'
import { queuePrefix, transcodeJobId, transcodeQueue } from '../../core/contracts/transcode-job.ts'
import type { Source } from '../../core/media/source.ts'
import { createLog } from '../../core/process/log.ts'
import { closeRedis, connectRedis, redisReady } from '../../core/process/redis.ts'
import { waitFor } from './wait-for.ts'

export interface LiveChannelOptions {
  redisUrl: string
  flvUrl: string
  /** Newest timestamp of the source by now, ms. */
  newestMs: () => number
  source: Source
  expectedGopMs?: number
}

export type LiveChannel = Awaited<ReturnType<typeof goLive>>

/** Stands in for an ingest: tells the registry of a session, keeps it alive and queues its job. */
export async function goLive({ redisUrl, flvUrl, newestMs, source, expectedGopMs }: LiveChannelOptions) {
  const log = createLog('test', 'error')
  const connect = (whenAway: 'wait' | 'fail') =>
    connectRedis({ url: redisUrl, log, purpose: 'test', whenAway })
  const redis = connect('fail')
  const queueRedis = connect('wait')
  await redisReady(redis)
  const registry = createLiveRegistry(redis)
  const sessionLog = createSessionLog(redis)
  const sessionId = newSessionId()
  const session: LiveSession = {
    sessionId,
    channelId: newChannelId(),
    slug: `show-${sessionId
      .slice(-6)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, 'x')}`,
    latency: 'low',
    startedAt: Date.now(),
    ingest: { instance: 'i_test', flvUrl },
    publisher: { address: '127.0.0.1', software: null },
    source,
    expectedGopMs: expectedGopMs ?? null,
  }
  await registry.putSession(session)
  const beat = () => registry.putSession({ ...session, newestMs: newestMs() }, false).catch(() => {})
  const heartbeat = setInterval(() => void beat(), 1000)
  const queue = new Queue(transcodeQueue, { connection: queueRedis, prefix: queuePrefix })
  queue.on('error', () => {})
  const queuedAt = performance.now()
  await queue.add('transcode', { sessionId }, { jobId: transcodeJobId(sessionId, 1) })

  return {
    session,
    sessionId,
    registry,
    queuedAt,
    origin: () => registry.origin(sessionId),
    /** Waits until the origin's record is as wanted. */
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
      return (await sessionLog.read('0', 1)).map(({ event }) => event)
    },
    stopRequest: () => createStopRequests(redis).pending(sessionId),
    jobState: async () => (await queue.getJob(transcodeJobId(sessionId, 1)))?.getState(),
    /** Takes the session out of the registry, as an ingest does at the end of a publish. */
    async end(): Promise<void> {
      clearInterval(heartbeat)
      await registry.removeSession(session)
    },
    async close(): Promise<void> {
      clearInterval(heartbeat)
      await queue.close()
      for (const each of [redis, queueRedis]) closeRedis(each)
    },
  }
}
