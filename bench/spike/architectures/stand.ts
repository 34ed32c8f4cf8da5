import { newSessionId } from '../../../core/contracts/ids.ts'
import { multivariantPath } from '../../../core/playback/media-paths.ts'
import { type EdgeProcess, startEdgeProcess } from '../../../test/kit/edge/edge-process.ts'
import { readMetric } from '../../../test/kit/metrics.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import { clusterSecret, startLiveRegistry } from '../../stand/edge-process.ts'
import { startNginxCache } from '../../stand/nginx-cache.ts'
import { startOriginProcess } from '../origin/origin-process.ts'
import { type Architecture, memoryOf, type ServerProcess, type Stand } from './architecture.ts'
import { startPeerStand } from './peer-stand.ts'

/** The core of all servers. The generator has the next one to itself. */
const serverCores = '0'
const slug = 'bench'

/** Frames per second of the source, and the length of a part, ms. */
export const sourceFps = 30
const partMs = 333

/**
 * Settings of edges under test: all viewers have one address here. All others are the defaults, also overload
 * control.
 */
const edgeSettings = {
  NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '0',
  NOWCAST_EDGE_MAX_CONNECTIONS: '40000',
  NOWCAST_EDGE_MAX_WAITING: '40000',
}

export interface StandOptions {
  /** Path of the FLV file that is published. */
  source: string
  /** Whether the channel has two variants, for a curve that switches. */
  hasRung: boolean
}

/**
 * Starts an architecture with all servers on one core. Resolves when the channel can be played through it.
 */
export async function startStand(architecture: Architecture, options: StandOptions): Promise<Stand> {
  const { peer } = architecture
  if (peer !== undefined) return startPeerStand(peer, options.source, serverCores)
  const sessionId = newSessionId()
  const { isLowLatency, layers } = architecture
  const originOptions = {
    ...{ sessionId, slug, fps: sourceFps, hasRung: options.hasRung },
    partMs: isLowLatency ? partMs : null,
  }
  const origin = await startOriginProcess(options.source, originOptions, serverCores)
  const stops = [origin.stop]
  const stop = async () => {
    for (const each of stops.toReversed()) await each()
  }
  const servers: ServerProcess[] = [{ name: 'origin', pid: origin.pid }]
  const configs: Record<string, string> = { origin: JSON.stringify(originOptions, null, 2) }
  try {
    const urls = { now: [origin.url], next: [] as string[] }
    const registry = layers.some((layer) => layer !== 'nginx')
      ? await startLiveRegistry(origin.url, sessionId)
      : undefined
    if (registry !== undefined) stops.push(registry.stop)
    for (const [index, layer] of layers.entries()) {
      const name = layers.indexOf(layer) === layers.lastIndexOf(layer) ? layer : `${layer} ${index}`
      if (layer === 'nginx') {
        const nginx = await startNginxCache(new URL(urls.now[0] ?? '').host, { tuned: true, hlsKey: true })
        stops.push(nginx.stop)
        servers.push({ name, pid: nginx.pid })
        configs[name] = nginx.config
        urls.next.push(nginx.url)
      } else {
        const env = edgeEnvironment(layer, layers.includes('shield') ? urls.now : [])
        const edge = await startEdge(registry?.redisUrl ?? '', env)
        stops.push(async () => void (await edge.stop('SIGKILL')))
        const loopDelayMs = () => readMetric(edge.url, 'nowcast_edge_loop_delay_ms')
        servers.push({ name, pid: edge.pid, loopDelayMs })
        configs[name] = JSON.stringify(env, null, 2)
        urls.next.push(edge.url)
      }
      if (layers[index + 1] !== layer) Object.assign(urls, { now: urls.next, next: [] })
    }
    const path = multivariantPath(slug)
    for (const url of urls.now)
      await waitFor(`${architecture.id} to serve`, async () => (await fetch(url + path)).ok)
    return { urls: urls.now, path, origin, servers, configs, stop, emptyBytes: memoryOf(servers) }
  } catch (error) {
    await stop()
    throw error
  }
}

const edgeEnvironment = (layer: 'edge' | 'shield', shields: readonly string[]): Record<string, string> => ({
  ...edgeSettings,
  ...(layer === 'shield' ? { NOWCAST_EDGE_SHIELD: 'on' } : {}),
  ...(layer === 'edge' && shields.length > 0 ? { NOWCAST_EDGE_UPSTREAM: shields.join(',') } : {}),
})

const startEdge = (redisUrl: string, env: Record<string, string>): Promise<EdgeProcess> =>
  startEdgeProcess({ redisUrl, clusterSecret, env, cores: serverCores })
