import { answerHealth, type MetricsText } from '../core/internal-server.ts'
import { createLiveRegistry } from '../core/live-registry.ts'
import type { Log } from '../core/log.ts'
import type { Registry } from '../core/metrics.ts'
import { closeRedis, connectRedis } from '../core/redis.ts'
import { createDelivery } from './delivery.ts'
import { createEdgeMetrics } from './edge-metrics.ts'
import { openListeners } from './listeners.ts'
import { originSource } from './origin-source.ts'
import { createEdgeServer } from './server.ts'
import type { EdgeSettings } from './settings.ts'
import type { Viewers } from './viewers.ts'

/** How long a start waits for the first listing of origins, ms; without one the edge runs, but is not ready. */
const firstLookMs = 3000

export interface ServingSettings
  extends Pick<
    EdgeSettings,
    'redisUrl' | 'host' | 'port' | 'cacheMb' | 'maxConnections' | 'maxConnectionsPerAddress'
  > {
  clusterSecret: string
}

export interface ServingParts {
  viewers: Pick<Viewers, 'saw'>
  /** What `/metrics` tells, when it is not of this process alone. */
  metricsText?: MetricsText
  now: () => number
}

export interface Serving {
  port: number
  metrics: Registry
  close(): Promise<void>
}

/** Serves viewers in this process, at a port that was found to be free. @throws NowcastError `bad_settings` when the port cannot be opened. */
export async function startServing(
  log: Log,
  settings: ServingSettings,
  { viewers, metricsText, now }: ServingParts,
): Promise<Serving> {
  const redis = connectRedis({ url: settings.redisUrl, log, purpose: 'edge-origins', whenAway: 'fail' })
  const subscriber = connectRedis({ url: settings.redisUrl, log, purpose: 'edge-watch', whenAway: 'wait' })
  const delivery = createDelivery(originSource(createLiveRegistry(redis), subscriber, log), {
    cacheBytes: settings.cacheMb * 2 ** 20,
    clusterSecret: settings.clusterSecret,
    log,
    now,
    viewers,
  })
  const server = createEdgeServer(
    {
      handle: delivery.handle,
      answerOther: (request, response) =>
        answerHealth(request, response, metricsText ?? metrics, delivery.problem),
      slowReaders: delivery.slowReaders,
    },
    { maxConnections: settings.maxConnections, maxPerAddress: settings.maxConnectionsPerAddress, now },
  )
  const metrics = createEdgeMetrics(delivery, server)
  const release = () => {
    delivery.close()
    closeRedis(redis)
    closeRedis(subscriber)
  }

  const { host, port } = settings
  const stopListening = await openListeners(server.http, host, port).catch((error) => {
    release()
    throw error
  })
  await delivery.firstLook(firstLookMs)
  return {
    port,
    metrics,
    async close() {
      stopListening()
      await server.close()
      release()
    },
  }
}
