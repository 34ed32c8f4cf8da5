import type { Origin } from '../../core/contracts/live-records.ts'
import { createLiveRegistry, type LiveRegistry } from '../../core/contracts/live-registry.ts'
import { createPlaybackRuleBoard } from '../../core/contracts/playback-rules.ts'
import { createLog } from '../../core/process/log.ts'
import { connectRedis, redisReady } from '../../core/process/redis.ts'
import { roleProcessOf } from '../../core/process/role-process.mjs'
import { liveOrigin } from '../../test/kit/live-origin.ts'
import { freePort } from '../../test/kit/ports.ts'
import { startProcess } from '../../test/kit/processes.ts'
import { startRedis } from '../../test/kit/redis.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { startNginxCache } from '../peers/nginx-cache.ts'
import { type BenchOrigin, startBenchOrigin } from './bench-origin.ts'

/** A cache under test. */
export interface Contender {
  name: 'nowcast' | 'nginx' | 'tuned'
  url: string
  /** The one process that does the work. */
  pid: number
}

export interface Contest {
  origin: BenchOrigin
  contenders: readonly Contender[]
  /** Path before the renditions of the session that is live. */
  base: string
  stop(): Promise<void>
}

export const clusterSecret = 'a-cluster-secret-for-benches'

/** An edge, an nginx as it comes and a tuned one, all on core 0 and before the same origin. */
export async function startContest(): Promise<Contest> {
  const origin = await startBenchOrigin()
  const nginx = await startNginxCache(new URL(origin.url).host, { tuned: false })
  const tuned = await startNginxCache(new URL(origin.url).host, { tuned: true })
  const edge = await startEdgeProcess(origin.url)
  return {
    origin,
    contenders: [
      { name: 'nowcast', url: edge.url, pid: edge.pid },
      { name: 'nginx', url: nginx.url, pid: nginx.pid },
      { name: 'tuned', url: tuned.url, pid: tuned.pid },
    ],
    base: edge.base,
    async stop() {
      await edge.stop()
      await nginx.stop()
      await tuned.stop()
      origin.stop()
    },
  }
}

/** Tells of a live origin, and goes on doing so until the returned function is called. */
export async function keepLive(registry: LiveRegistry, record: Origin): Promise<() => void> {
  await registry.putOrigin(record)
  const beat = setInterval(() => void registry.putOrigin(record, false), 1500)
  return () => clearInterval(beat)
}

/** An edge that knows one live session, of the channel `bench`, at `originUrl`. */
export async function startEdgeProcess(originUrl: string, env: NodeJS.ProcessEnv = {}, cores = '0') {
  const dir = makeTempDir()
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
  const record = liveOrigin({ slug: 'bench', url: originUrl })
  const leaveAir = await keepLive(registry, record)
  const port = await freePort()
  const suited = roleProcessOf('edge')
  const edge = startProcess('taskset', ['-c', cores, process.execPath, ...suited.arguments, 'edge/main.ts'], {
    env: {
      ...suited.environment,
      ...process.env,
      NOWCAST_DATA_DIR: dir.path,
      NOWCAST_CLUSTER_SECRET: clusterSecret,
      NOWCAST_EDGE_PORT: String(port),
      REDIS_URL: redis.url,
      ...env,
    },
  })
  await edge.line(/"ready"|ready/, 30_000)
  return {
    url: `http://127.0.0.1:${port}`,
    pid: edge.pid,
    base: `/live/bench/${record.sessionId}`,
    registry,
    rules,
    async stop() {
      leaveAir()
      await edge.stop()
      client.disconnect()
      await redis.stop()
      dir.remove()
    },
  }
}
