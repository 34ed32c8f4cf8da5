import { createEdgeRoster } from '../core/contracts/edge-roster.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { createPlaybackRuleBoard } from '../core/contracts/playback-rules.ts'
import { answerHealth, type MetricsText } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import type { Registry } from '../core/process/metrics.ts'
import { closeRedis, connectRedis } from '../core/process/redis.ts'
import { ruleSource } from './access/rule-source.ts'
import { createDelivery, type Delivery } from './delivery.ts'
import type { ExperienceNews } from './experience/experience-notes.ts'
import { measureExperience } from './experience/metrics.ts'
import { openListeners } from './http/listeners.ts'
import { createEdgeMetrics } from './metrics.ts'
import { keepWithinBudget } from './objects/memory-budget.ts'
import type { Gate } from './overload/overload-control.ts'
import { type Load, watchLoad } from './overload/process-load.ts'
import { createEdgeServer } from './server.ts'
import type { EdgeSettings } from './settings.ts'
import { createClusterState } from './shield/cluster-state.ts'
import { shieldSources } from './shield/shield-source.ts'
import { openShields } from './shield/shields.ts'
import { watchRoster } from './steering/roster-watch.ts'
import { createSteer } from './steering/steered-playlist.ts'
import { readCertificate, watchCertificate } from './tls/certificate.ts'
import { addTlsMetrics } from './tls/metrics.ts'
import { originSource } from './upstream/origin-source.ts'
import type { Viewers } from './viewers/viewers.ts'

/** How long a start waits for the first listing of origins, ms; without one the edge runs, but is not ready. */
const firstLookMs = 3000

export interface ServingSettings
  extends Pick<
    EdgeSettings,
    | 'redisUrl'
    | 'host'
    | 'port'
    | 'tlsCert'
    | 'tlsKey'
    | 'cacheMb'
    | 'maxConnections'
    | 'maxConnectionsPerAddress'
    | 'maxWaiting'
    | 'upstreams'
  > {
  clusterSecret: string
  /** Names this edge to players. */
  pathway: string
}

export interface ServingParts {
  viewers: Pick<Viewers, 'saw'>
  /** What is done about the load just now. */
  gate: Gate
  /** Told how hard this process works, several times a second. */
  onLoad(load: Load): void
  /** Told of viewers who begin to watch here. */
  onNewViewer?(viewer: number): void
  /** What `/metrics` tells, when it is not of this process alone. */
  metricsText?: MetricsText
  /** Memory of the process, bytes, where all of it is the edge's; else the cache has its whole limit whatever the process takes. */
  residentBytes?: (() => number) | undefined
  now: () => number
}

export interface Serving {
  port: number
  metrics: Registry
  audience: Delivery['audience']
  /** What players told since the last call, by channel. */
  takeNews(): ExperienceNews
  close(): Promise<void>
}

/** Serves viewers in this process, at a port that was found to be free. @throws NowcastError `bad_settings` when the port cannot be opened. */
export async function startServing(
  log: Log,
  settings: ServingSettings,
  { viewers, gate, onLoad, onNewViewer, metricsText, residentBytes, now }: ServingParts,
): Promise<Serving> {
  let certificate = readCertificate(settings)
  const redis = connectRedis({ url: settings.redisUrl, log, purpose: 'edge-origins', whenAway: 'fail' })
  const subscriber = connectRedis({ url: settings.redisUrl, log, purpose: 'edge-watch', whenAway: 'wait' })
  const roster = watchRoster(createEdgeRoster(redis), settings.pathway, log)
  const shields = settings.upstreams.length > 0 ? openShields(settings, log) : undefined
  const { origins, rules } = shields
    ? shieldSources(shields)
    : {
        origins: originSource(createLiveRegistry(redis), subscriber, log),
        rules: ruleSource(createPlaybackRuleBoard(redis), subscriber, log),
      }
  const delivery = createDelivery(origins, rules, {
    cacheBytes: settings.cacheMb * 2 ** 20,
    clusterSecret: settings.clusterSecret,
    log,
    now,
    viewers,
    gate,
    maxWaiting: settings.maxWaiting,
    ...(onNewViewer ? { onNewViewer } : {}),
    steer: createSteer(roster, settings.pathway),
    ...(shields ? { shields } : {}),
  })
  const problem = () => delivery.problem() ?? (roster.isDraining ? 'draining' : undefined)
  const answerPeer = createClusterState({ ...delivery, problem, now })
  const server = createEdgeServer(
    {
      handle(exchange) {
        if (exchange.target.startsWith('/live/') || !answerPeer(exchange)) delivery.handle(exchange)
      },
      answerOther: (request, response) => answerHealth(request, response, metricsText ?? metrics, problem),
      slowReaders: delivery.slowReaders,
    },
    {
      maxConnections: settings.maxConnections,
      maxPerAddress: settings.maxConnectionsPerAddress,
      tls: certificate?.files,
      now,
    },
  )
  const endBudget =
    residentBytes &&
    keepWithinBudget({
      cache: delivery.cache,
      limitBytes: delivery.cache.limitBytes,
      connections: () => server.connections,
      residentBytes,
    })
  const { secure } = server
  const stopWatchingFiles =
    secure &&
    watchCertificate(
      settings,
      (renewed) => {
        certificate = renewed
        secure.setFiles(renewed.files)
      },
      { log },
    )
  let load: Load = { delayMs: 0, busy: 0, egressBits: 0 }
  const metrics = createEdgeMetrics(delivery, server, () => load)
  measureExperience(metrics, delivery.experience)
  if (secure) addTlsMetrics(metrics, secure, () => certificate)
  const stopWatchingLoad = watchLoad(
    () => delivery.stats.bytes,
    (sample) => {
      load = sample
      onLoad(sample)
    },
  )
  const release = () => {
    stopWatchingLoad()
    endBudget?.()
    roster.close()
    stopWatchingFiles?.()
    delivery.close()
    closeRedis(redis)
    closeRedis(subscriber)
  }

  const { host, port } = settings
  const stopListening = await openListeners(server.listener, host, port).catch((error) => {
    release()
    throw error
  })
  await delivery.firstLook(firstLookMs)
  return {
    port,
    metrics,
    audience: delivery.audience,
    takeNews: () => delivery.experience.take(now()),
    async close() {
      stopListening()
      await server.close()
      release()
    },
  }
}
