import { type Certificate, keepCertificate, readCertificate } from '../core/connections/certificate.ts'
import { isInternal } from '../core/connections/internal-access.ts'
import { createTrustedProxies } from '../core/connections/trusted-proxies.ts'
import { createEdgeRoster } from '../core/contracts/edge-roster.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { createPlaybackRuleBoard } from '../core/contracts/playback-rules.ts'
import type { EdgeKeys } from '../core/process/cluster-keys.ts'
import { answerHealth, type MetricsText } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import type { Registry } from '../core/process/metrics.ts'
import { closeRedis, connectRedis } from '../core/process/redis.ts'
import { internalHostOf } from '../core/process/shared-settings.ts'
import { ruleSourceOf } from './access/rule-watch.ts'
import type { ExperienceDelta } from './experience/experience-notes.ts'
import { addExperienceMetrics } from './experience/metrics.ts'
import { openListeners } from './http/listeners.ts'
import { healthResponseOf } from './http/responses.ts'
import { createEdgeMetrics } from './metrics.ts'
import { keepWithinBudget } from './objects/memory-budget.ts'
import type { OverloadState } from './overload/overload-control.ts'
import { noLoad, type ProcessLoad, watchLoad } from './overload/process-load.ts'
import { type ClusterSources, createRequestPath } from './playback/request-path.ts'
import { createEdgeServer, type EdgeServer } from './server.ts'
import type { EdgeSettings } from './settings.ts'
import { createClusterStateHandler } from './shield/cluster-state.ts'
import { shieldSourcesOf } from './shield/shield-source.ts'
import { openShields } from './shield/shields.ts'
import { watchRoster } from './steering/roster-watch.ts'
import { createSteer } from './steering/steered-playlist.ts'
import { addTlsMetrics } from './tls/metrics.ts'
import { originSourceOf } from './upstream/origin-watch.ts'
import { createUpstream } from './upstream/upstream.ts'
import type { Viewers } from './viewers/viewers.ts'

/**
 * Maximum time that the start waits for the first list of origins, ms. Without that list the edge runs, but
 * `/readyz` responds 503.
 */
const firstReadMs = 3000

/** Maximum time to finish responses in progress when an edge closes, ms. */
const graceMs = { retire: 8000, end: 1000 } as const

export interface ServingSettings
  extends Pick<
    EdgeSettings,
    | 'redisUrl'
    | 'host'
    | 'internalHost'
    | 'port'
    | 'tlsCert'
    | 'tlsKey'
    | 'cacheMb'
    | 'maxConnections'
    | 'maxConnectionsPerAddress'
    | 'trustedProxies'
    | 'maxWaiting'
    | 'maxUpstreamPerAddress'
    | 'upstreams'
  > {
  keys: EdgeKeys
  /** PATHWAY-ID by which players know this edge. */
  pathway: string
}

export interface ServingOptions {
  viewers: Pick<Viewers, 'recordView'>
  /** The present state of overload control: its step, and the share of newcomers that it admits. */
  overload: { readonly state: OverloadState }
  /** Called with the load of this process several times a second. */
  onLoad(load: ProcessLoad): void
  /** Called with the id of each viewer who gets a media playlist here, about once a minute per viewer. */
  onNewViewer?: (viewer: number) => void
  /** Source of the text of `/metrics`, when that covers more than this process. */
  metricsText?: MetricsText
  /**
   * Returns the memory of this process, bytes. Without it the cache may always use its whole limit. Omitted
   * when the process runs more than an edge.
   */
  residentBytes?: (() => number) | undefined
  now: () => number
}

export interface Serving {
  port: number
  metrics: Registry
  /**
   * Records viewers whom other workers reported as new, so that none of them is refused here as a newcomer.
   */
  recordElsewhere(viewers: readonly number[]): void
  /** Returns what players have reported since the last call, by channel. */
  takeExperience(): ExperienceDelta
  /**
   * Accepts no more connections, and ends each one after the response in progress. `retire`: responses may
   * take as long as a held playlist, because viewers have another process to go to at the same port.
   */
  close(how: 'retire' | 'end'): Promise<void>
}

/**
 * Serves viewers in this process, at a port that is known to be free. Resolves when the origins have been
 * read, or after `firstReadMs` without them.
 * @throws NowcastError `bad_settings` when the port cannot be opened or the certificate is not valid.
 */
export async function startServing(
  log: Log,
  settings: ServingSettings,
  options: ServingOptions,
): Promise<Serving> {
  const { overload, now } = options
  const internalHost = internalHostOf(settings)
  const certificate = readCertificate(settings)
  const cluster = connectCluster(settings, log)
  const path = createRequestPath(cluster, {
    cacheBytes: settings.cacheMb * 2 ** 20,
    log,
    ...options,
    steer: createSteer(cluster.roster, settings.pathway),
    ...settings,
  })
  const problem = () => path.problem() ?? (cluster.roster.isDraining ? 'draining' : undefined)
  const handleEdge = createClusterStateHandler({ ...path.knowledge, problem, now })
  const server = createEdgeServer(
    {
      handle: path.handle,
      handleOther(exchange, method) {
        const { client, headers, target: url } = exchange
        const isOpen = isInternal({ ...client, headers }, internalHost)
        const text = isOpen ? (options.metricsText ?? metrics) : undefined
        if (answerHealth({ url, headers }, healthResponseOf(exchange), text, problem)) return true
        return (method === 'GET' || method === 'HEAD') && handleEdge(exchange)
      },
    },
    {
      ...clientsOf(settings),
      tls: certificate?.files,
      now,
    },
  )

  const load = measureLoad(() => path.figures.stats.bytes, options.onLoad)
  const metrics = createEdgeMetrics({ path: path.figures, server, overload, load: () => load.latest })
  addExperienceMetrics(metrics, path.experience)
  const stopTls = certificate && keepTls(certificate, settings, server, metrics, log)
  const { cache } = path.figures
  const stopBudget =
    options.residentBytes &&
    keepWithinBudget({
      cache,
      limitBytes: cache.limitBytes,
      connections: () => server.connections.open,
      residentBytes: options.residentBytes,
    })
  const close = async (graceMs: number) => {
    await server.close(graceMs)
    load.stop()
    stopBudget?.()
    stopTls?.()
    path.close()
    cluster.close()
  }

  const { host, port } = settings
  const stopListening = await openListeners(server.listener, host, port).catch(async (error) => {
    await close(0)
    throw error
  })
  let closing: Promise<void> | undefined
  await path.firstRead(firstReadMs)
  return {
    port,
    metrics,
    recordElsewhere(viewers) {
      for (const viewer of viewers) path.audience.recordElsewhere(viewer, now())
    },
    takeExperience: () => path.experience.takeDelta(now()),
    async close(how) {
      stopListening()
      closing ??= close(graceMs[how])
      await closing
    },
  }
}

/**
 * Connects to Redis, which has the edge roster. Objects come from origins, and the live registry and playback
 * rules from Redis; with `upstreams`, all of these come from shields.
 */
function connectCluster(settings: ServingSettings, log: Log) {
  const { redisUrl: url, upstreams } = settings
  const { peerKey } = settings.keys
  const redis = connectRedis({ url, log, purpose: 'edge-origins', whenAway: 'fail' })
  const subscriber = connectRedis({ url, log, purpose: 'edge-watch', whenAway: 'wait' })
  const roster = watchRoster(createEdgeRoster(redis), { pathway: settings.pathway, log })
  const shields = upstreams.length > 0 ? openShields(upstreams, peerKey, { log }) : undefined
  const sources: ClusterSources = shields
    ? { ...shieldSourcesOf(shields), upstream: shields }
    : {
        origins: originSourceOf(createLiveRegistry(redis), subscriber, log),
        rules: ruleSourceOf(createPlaybackRuleBoard(redis), subscriber, log),
        upstream: createUpstream({ peerKey }),
      }
  return {
    ...sources,
    roster,
    close() {
      roster.close()
      closeRedis(redis)
      closeRedis(subscriber)
    },
  }
}

/**
 * Calls `onLoad` with the load of this process several times a second, and keeps the latest for the metrics.
 */
function measureLoad(sentBytes: () => number, onLoad: (load: ProcessLoad) => void) {
  const measured = { latest: noLoad, stop: () => {} }
  measured.stop = watchLoad(sentBytes, (load) => {
    measured.latest = load
    onLoad(load)
  })
  return measured
}

/** Returns how many clients may connect, and through which proxies. */
const clientsOf = (settings: ServingSettings) => ({
  maxConnections: settings.maxConnections,
  maxPerAddress: settings.maxConnectionsPerAddress,
  proxies: createTrustedProxies(settings.trustedProxies),
})

/**
 * Replaces the certificate when its files change, and adds the metrics of TLS. Returns the function that ends
 * the replacement; undefined without TLS.
 */
function keepTls(
  certificate: Certificate,
  settings: ServingSettings,
  { secure }: EdgeServer,
  metrics: Registry,
  log: Log,
): (() => void) | undefined {
  if (secure === undefined) return undefined
  const kept = keepCertificate(certificate, settings, secure.setFiles, log)
  addTlsMetrics(metrics, secure, kept)
  return kept.close
}
