import { execFileSync } from 'node:child_process'
import { newSessionId } from '../../core/contracts/ids.ts'
import type { Origin } from '../../core/contracts/live-records.ts'
import { createLiveRegistry, type LiveRegistry } from '../../core/contracts/live-registry.ts'
import { createPlaybackRuleBoard } from '../../core/contracts/playback-rules.ts'
import { createLog } from '../../core/process/log.ts'
import { connectRedis, redisReady } from '../../core/process/redis.ts'
import { startEdgeProcess } from '../../test/kit/edge/edge-process.ts'
import { liveOrigin } from '../../test/kit/edge/live-origin.ts'
import { startRedis } from '../../test/kit/redis.ts'

export const clusterSecret = 'a-cluster-secret-for-benches-only'

/**
 * Moves the main thread of this process, which runs the origin and the viewers, to core 1. Core 0 is for the
 * server under test.
 */
export function leaveCore0ToServer(): void {
  execFileSync('taskset', ['-cp', '1', String(process.pid)])
}

/**
 * Registers a live origin and renews its record before it expires. Returns a function that stops the renewal.
 */
export async function keepOriginLive(registry: LiveRegistry, record: Origin): Promise<() => void> {
  await registry.putOrigin(record)
  const heartbeat = setInterval(() => void registry.putOrigin(record, false), 1500)
  return () => clearInterval(heartbeat)
}

/**
 * Starts a Redis, and registers a live session of the channel `bench` whose origin is `originUrl`.
 * `sessionId` is that of the origin; by default a new one.
 */
export async function startLiveRegistry(originUrl: string, sessionId = newSessionId()) {
  const redis = await startRedis()
  const client = connectRedis({
    url: redis.url,
    log: createLog('bench', 'silent'),
    purpose: 'bench',
    whenAway: 'fail',
  })
  await redisReady(client)
  const registry = createLiveRegistry(client)
  const rules = createPlaybackRuleBoard(client)
  await rules.put({ signed: {}, revoked: {} }, 'first')
  const record = liveOrigin({ slug: 'bench', url: originUrl, sessionId })
  const endHeartbeat = await keepOriginLive(registry, record)
  return {
    redisUrl: redis.url,
    registry,
    rules,
    /** Path of the session; the renditions are below it. */
    base: `/live/bench/${sessionId}`,
    async stop() {
      endHeartbeat()
      client.disconnect()
      await redis.stop()
    },
  }
}

/**
 * Starts an edge with a Redis of its own, and registers a live session of the channel `bench` whose origin is
 * `originUrl`. `cores` are the cores of the edge, as a list for taskset.
 */
export async function startBenchEdge(originUrl: string, env: Record<string, string> = {}, cores = '0') {
  const { redisUrl, registry, rules, base, stop } = await startLiveRegistry(originUrl)
  const edge = await startEdgeProcess({ redisUrl, clusterSecret, env, cores })
  return {
    url: edge.url,
    pid: edge.pid,
    /** Resolves when the process has ended. */
    exited: edge.exited,
    base,
    registry,
    rules,
    async stop() {
      await edge.stop()
      await stop()
    },
  }
}
