import { hashStreamKey } from '../../../core/contracts/ids.ts'
import { createLiveRegistry } from '../../../core/contracts/live-registry.ts'
import { type ChannelGrant, createPublishGrants } from '../../../core/contracts/publish-grants.ts'
import { createSessionLog, type SessionEvent } from '../../../core/contracts/session-log.ts'
import { deriveClusterKeys } from '../../../core/process/cluster-keys.ts'
import { createLog } from '../../../core/process/log.ts'
import { closeRedis, connectRedis, type Redis } from '../../../core/process/redis.ts'
import { readMetric } from '../metrics.ts'
import { startProcess, type TestProcess } from '../processes.ts'
import { startRedis, type TestRedis } from '../redis.ts'
import { mainOf } from '../root.ts'
import { recordSecret } from '../run-record.ts'
import { makeTempDir } from '../temp-dir.ts'
import { waitFor } from '../wait-for.ts'

const clusterSecret = 'a-cluster-secret-for-tests-of-ingest'
const { sourceKey } = deriveClusterKeys(clusterSecret)

export interface TestIngest {
  process: TestProcess
  rtmpPort: number
  /** 0 when RTMPS is off. */
  rtmpsPort: number
  /** Base URL of the internal listener: FLV, health, metrics. */
  url: string
  sourceKey: string
  rtmpUrl(key: string): string
  /** Pulls a session over HTTP as a transcoder does. */
  pull(sessionId: string, signal?: AbortSignal): Promise<Response>
  /** Returns a metric of the ingest: the sum over all label sets that contain `labels`. */
  metric(name: string, labels?: string): Promise<number>
  stop(): Promise<void>
}

/**
 * Ingest processes, and a Redis with the channels `demo`, `other` and `open`, whose keys are `key-<slug>`.
 * Only `open` allows takeovers.
 */
export interface IngestFixture {
  redis: TestRedis
  client: Redis
  registry: ReturnType<typeof createLiveRegistry>
  start(env?: Record<string, string>): Promise<TestIngest>
  grantAll(): Promise<void>
  events(): Promise<SessionEvent[]>
  /** Resolves with the channel's session once its source is known. */
  sessionWithSource(slug: string): ReturnType<typeof liveSession>
  stop(): Promise<void>
}

const channels: Pick<ChannelGrant, 'slug' | 'takeover' | 'priority' | 'slate'>[] = [
  { slug: 'demo', takeover: false, priority: 3, slate: 'a'.repeat(64) },
  { slug: 'other', takeover: false },
  { slug: 'open', takeover: true },
]

async function liveSession(registry: ReturnType<typeof createLiveRegistry>, slug: string) {
  return waitFor(`${slug} to have a source`, async () => {
    const found = (await registry.sessions()).find((each) => each.slug === slug)
    return found?.source ? { ...found, source: found.source } : undefined
  })
}

export async function startIngestFixture(): Promise<IngestFixture> {
  const redis = await startRedis()
  const dir = makeTempDir()
  const log = createLog('test', 'silent')
  const client = connectRedis({ url: redis.url, log, purpose: 'test', whenAway: 'wait' })
  const registry = createLiveRegistry(client)
  const started: TestIngest[] = []

  async function grantAll() {
    const grants = new Map<string, ChannelGrant>()
    for (const channel of channels)
      grants.set(hashStreamKey(`key-${channel.slug}`), {
        channelId: `c_${channel.slug}`,
        latency: 'low',
        ...channel,
      })
    await createPublishGrants(client).replaceAll(grants)
  }
  await grantAll()

  return {
    redis,
    client,
    registry,
    grantAll,
    sessionWithSource: (slug) => liveSession(registry, slug),
    async start(env = {}) {
      const ingest = await startIngest({
        ...process.env,
        REDIS_URL: redis.url,
        NOWCAST_DATA_DIR: dir.path,
        NOWCAST_CLUSTER_SECRET: recordSecret(clusterSecret),
        NOWCAST_RTMP_PORT: '0',
        NOWCAST_GRACE_MS: '0',
        ...env,
      })
      started.push(ingest)
      return ingest
    },
    async events() {
      const read = await createSessionLog(client).read('0', 1)
      return read.map(({ event }) => event)
    },
    async stop() {
      for (const each of started) await each.stop()
      closeRedis(client)
      await redis.stop()
      dir.remove()
    },
  }
}

/** Fields of the log line `ready`. */
interface ReadyLine {
  rtmpPort: number
  rtmpsPort?: number
  url: string
}

async function startIngest(env: NodeJS.ProcessEnv): Promise<TestIngest> {
  const ingest = startProcess(process.execPath, [mainOf('ingest')], { env })
  const line = await ingest.line(/"msg":"ready"/)
  const { rtmpPort, rtmpsPort = 0, url } = JSON.parse(line) as ReadyLine
  return {
    process: ingest,
    rtmpPort,
    rtmpsPort,
    url,
    sourceKey,
    rtmpUrl: (key) => `rtmp://127.0.0.1:${rtmpPort}/live/${key}`,
    pull: (sessionId, signal) =>
      fetch(`${url}/flv/${sessionId}`, {
        headers: { authorization: `Bearer ${sourceKey}` },
        ...(signal ? { signal } : {}),
      }),
    metric: (name, labels) => readMetric(url, name, labels),
    async stop() {
      await ingest.stop()
    },
  }
}
