import { join } from 'node:path'
import { newInstanceId } from '../core/ids.ts'
import { answerHealth, listen, urlOf } from '../core/internal-server.ts'
import { createLiveRegistry } from '../core/live-registry.ts'
import type { Log } from '../core/log.ts'
import { announcePresence } from '../core/presence.ts'
import { closeRedis, connectRedis } from '../core/redis.ts'
import type { RunningRole } from '../core/role.ts'
import { clusterSecretFile, readOrMakeSecret } from '../core/secret-file.ts'
import { createDelivery } from './delivery.ts'
import { createEdgeMetrics } from './edge-metrics.ts'
import { originSource } from './origin-source.ts'
import { createEdgeServer } from './server.ts'
import type { EdgeSettings } from './settings.ts'
import { reportViewers } from './viewer-report.ts'

/** How long a start waits for the first listing of origins, ms; without one the edge runs, but is not ready. */
const firstLookMs = 3000

const now = () => performance.now()

/** Starts an edge. @throws NowcastError `bad_settings` when its port cannot be opened. */
export async function startEdge(log: Log, settings: EdgeSettings): Promise<RunningRole> {
  const clusterSecret = settings.clusterSecret ?? readOrMakeSecret(join(settings.dataDir, clusterSecretFile))
  const redis = connectRedis({ url: settings.redisUrl, log, purpose: 'edge', whenAway: 'fail' })
  const subscriber = connectRedis({ url: settings.redisUrl, log, purpose: 'edge-watch', whenAway: 'wait' })
  const registry = createLiveRegistry(redis)
  const delivery = createDelivery(originSource(registry, subscriber, log), {
    cacheBytes: settings.cacheMb * 2 ** 20,
    clusterSecret,
    log,
    now,
  })

  const server = createEdgeServer(
    {
      handle: delivery.handle,
      answerOther: (request, response) => answerHealth(request, response, metrics, delivery.problem),
      slowReaders: delivery.slowReaders,
    },
    { maxConnections: settings.maxConnections, maxPerAddress: settings.maxConnectionsPerAddress, now },
  )
  const metrics = createEdgeMetrics(delivery, server)

  const port = await listen(server.http, settings.host, settings.port, 'NOWCAST_EDGE_PORT').catch((error) => {
    delivery.close()
    closeRedis(redis)
    closeRedis(subscriber)
    throw error
  })
  const url = settings.advertiseUrl ?? urlOf(settings.host, port)
  const instance = newInstanceId()
  const hide = announcePresence(redis, { role: 'edge', instance, url, startedAt: Date.now() }, log)
  const stopReport = reportViewers(registry, delivery.viewers, { instance, log, now })
  await delivery.firstLook(firstLookMs)

  return {
    ready: { url, port },
    async close() {
      await Promise.all([server.close(), stopReport(), hide()])
      delivery.close()
      closeRedis(redis)
      closeRedis(subscriber)
    },
  }
}
