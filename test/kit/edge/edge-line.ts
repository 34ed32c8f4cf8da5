import type { Origin } from '../../../core/contracts/live-records.ts'
import { createLiveRegistry, type LiveRegistry } from '../../../core/contracts/live-registry.ts'
import { createPlaybackRuleBoard, type PlaybackRuleBoard } from '../../../core/contracts/playback-rules.ts'
import { deriveClusterKeys } from '../../../core/process/cluster-keys.ts'
import { createLog } from '../../../core/process/log.ts'
import { readEdgeSettings } from '../../../edge/settings.ts'
import { startEdge } from '../../../edge/start.ts'
import { readMetric } from '../metrics.ts'
import { connectToRedis, startRedis, type TestRedis } from '../redis.ts'
import { makeTempDir } from '../temp-dir.ts'
import { waitFor } from '../wait-for.ts'
import { type FakeOrigin, startFakeOrigin } from './fake-origin.ts'
import { liveOrigin } from './live-origin.ts'

export interface EdgeLine {
  url: string
  redis: TestRedis
  registry: LiveRegistry
  /** Playback rules in Redis, to be written as a manager does. At first no channel is signed. */
  rules: PlaybackRuleBoard
  origin: FakeOrigin
  /** Warnings and errors that the edge logged, each as a line of JSON. */
  warnings: readonly string[]
  /**
   * Registers a session and waits until the edge knows it. `base` is the path before the names of its media
   * playlists.
   */
  goLive(slug: string, change?: Partial<Origin>): Promise<{ origin: Origin; base: string }>
  /**
   * Returns the metric `nowcast_edge_<name>`, summed over all series whose labels contain the text `labels`.
   */
  metric(name: string, labels?: string): Promise<number>
  close(): Promise<void>
}

export const clusterSecret = 'a-cluster-secret-for-tests-of-edges'
const { peerKey, tokenKey } = deriveClusterKeys(clusterSecret)
/** Credentials of other edges. */
export const peerCredentials = `Bearer ${peerKey}`
export { tokenKey }

/** Starts an edge in this process, with a real Redis and a fake origin that speaks real HTTP. */
export async function startEdgeLine(environment: Record<string, string> = {}): Promise<EdgeLine> {
  const directory = makeTempDir()
  const redis = await startRedis()
  const warnings: string[] = []
  const log = createLog('test', 'warn', { write: (line) => void warnings.push(line) })
  const client = await connectToRedis(redis.url)
  const registry = createLiveRegistry(client)
  const rules = createPlaybackRuleBoard(client)
  await rules.put({ signed: {}, revoked: {} }, 'first')
  const origin = await startFakeOrigin()
  const settings = readEdgeSettings({
    NOWCAST_DATA_DIR: directory.path,
    NOWCAST_CLUSTER_SECRET: clusterSecret,
    NOWCAST_EDGE_PORT: '0',
    REDIS_URL: redis.url,
    // The edge shares its event loop with the tests, so delay and utilisation do not count as overload.
    NOWCAST_EDGE_OVERLOAD_DELAY_MS: '0',
    NOWCAST_EDGE_OVERLOAD_BUSY: '0',
    ...environment,
  })
  const release = async () => {
    client.disconnect()
    await origin.die()
    await redis.stop()
    directory.remove()
  }
  const edge = await startEdge(log, settings).catch(async (error: unknown) => {
    await release()
    throw error
  })
  const url = String(edge.ready.url)

  const metric = (name: string, labels?: string) => readMetric(url, `nowcast_edge_${name}`, labels)

  return {
    url,
    redis,
    registry,
    rules,
    origin,
    warnings,
    metric,
    async goLive(slug, change = {}) {
      const record = liveOrigin({ slug, url: origin.url, ...change })
      const known = await metric('sessions')
      await registry.putOrigin(record)
      await waitFor('the edge to know the session', async () => (await metric('sessions')) > known, {
        everyMs: 5,
      })
      return { origin: record, base: `/live/${slug}/${record.sessionId}` }
    },
    async close() {
      await edge.close('test is over')
      await release()
    },
  }
}
