import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createSignalLog } from '../core/coach/signal/signal-log.ts'
import { createTrustedProxies } from '../core/connections/trusted-proxies.ts'
import { createEdgeRoster } from '../core/contracts/edge-roster.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { createPlaybackRuleBoard } from '../core/contracts/playback-rules.ts'
import type { PublicPlace } from '../core/contracts/public-place.ts'
import { createPublishGrants } from '../core/contracts/publish-grants.ts'
import { createStopRequests, type StopRequests } from '../core/contracts/stop-requests.ts'
import { watchRedisHealth } from '../core/health/redis-health.ts'
import { createPlaybackTokens } from '../core/playback/playback-token.ts'
import { deriveClusterKeys, keepEdgeSecret, openClusterSecret } from '../core/process/cluster-keys.ts'
import type { Log } from '../core/process/log.ts'
import { createMetrics } from '../core/process/metrics.ts'
import { closeRedis, connectRedis, type Redis } from '../core/process/redis.ts'
import { adminTokenFile, minSecretLength, readOrMakeSecret } from '../core/process/secrets.ts'
import { internalHostOf } from '../core/process/shared-settings.ts'
import { openAccountParts } from './accounts/account-parts.ts'
import { addRoutes, type Services } from './app.ts'
import { createChannelService } from './channels/channel-service.ts'
import { createKeySeal } from './channels/key-seal.ts'
import { createStreamKeyService } from './channels/stream-key-service.ts'
import { type Coach, wireCoach } from './coach/wire.ts'
import { wireEvents } from './events/wire.ts'
import { createPublicUrls, type PublicUrls } from './http/public-urls.ts'
import { createKeySweep } from './idempotency/keep-responses.ts'
import { countEndedSessions, measureLive } from './metrics.ts'
import { createGrantMirror } from './mirrors/grant-mirror.ts'
import { createRevocation, type Revocation } from './mirrors/revocation.ts'
import { createRuleMirror } from './mirrors/rule-mirror.ts'
import { createPageChannels } from './pages/page-channels.ts'
import { createWatchAddresses } from './pages/watch-address.ts'
import { createTokenIssuer, type IssueToken } from './playback/token-issuer.ts'
import { createTokenService } from './playback/token-service.ts'
import { createWatchPaths } from './playback/watch-path.ts'
import { createReadyCheck } from './readiness.ts'
import { createServer, portOf } from './server.ts'
import { keepHistory } from './sessions/kept-history.ts'
import { createLiveView, type LiveView } from './sessions/live-view.ts'
import { createSessionService } from './sessions/session-service.ts'
import type { ManagerSettings } from './settings.ts'
import { createSlateService } from './slates/slate-service.ts'
import { createEdgeView } from './steering/edge-view.ts'
import { openStore, type Store } from './store/store.ts'
import { type Webhooks, wireWebhooks } from './webhooks/wire.ts'

/** A manager that does all its work but does not listen yet. */
export interface WiredManager {
  app: FastifyInstance
  redis: Redis
  /** Ends responses that have no end of their own. Their clients connect again. */
  endStreams(): void
  close(): Promise<void>
}

/**
 * Creates the parts of a manager and starts its background work. Redis may be away.
 * @param playerDir directory into which Vite built the pages
 * @throws NowcastError `bad_settings` when a secret cannot be read or the database cannot be used
 */
export async function wireManager(
  log: Log,
  settings: ManagerSettings,
  playerDir: string,
): Promise<WiredManager> {
  const secrets = openSecrets(settings, log)
  const { clusterSecret, coachKey } = secrets
  const store = await openStore(settings, log)
  const { redis, subscriber, logReader } = connect(settings, log)
  const limits = { total: settings.maxConnections, perClient: settings.maxConnectionsPerAddress }
  const metrics = createMetrics('manager')
  const registry = createLiveRegistry(redis)
  const stops = createStopRequests(redis)

  const live = createLiveView(registry, subscriber, log)
  measureLive(metrics, live)
  const retention = { days: settings.historyDays, perChannel: settings.historySessions }
  const count = countEndedSessions(metrics)
  const history = keepHistory({ store, live, stops, logReader, onEvents: count, retention, log })
  const coach = wireCoach({ store, live, signals: createSignalLog(redis), coachKey, settings, log })
  const keySweep = createKeySweep(store.keptResponses, log)
  const events = wireEvents({ store, redis, subscriber, settings, log })
  const webhooks = wireWebhooks({ store, tail: events.tail, clusterSecret, settings, metrics, log })
  const endHealth = watchRedisHealth(metrics, { ...settings, purpose: 'manager', log })
  const grants = createGrantMirror(store.channels, createPublishGrants(redis), redis, log)
  const rules = createRuleMirror(store.playbackRules, createPlaybackRuleBoard(redis), redis, log)
  const revocation = createRevocation({ grants, rules, redis, registry, stops, log })

  const app = createServer(log, limits)
  const urls = createUrls(settings, app)
  const edges = createEdgeView(createEdgeRoster(redis), () => steeringPlace(settings, app), log)
  const issueToken = createTokenIssuer(createPlaybackTokens(secrets.tokenKey))
  const pageChannels = createPageChannels(store.channels.bySlug)
  const addresses = createWatchAddresses(urls, edges, createWatchPaths(issueToken, settings.publicUrl))
  const common = { clusterSecret, store, revocation, live, stops, urls, coach, issueToken, webhooks, log }
  const services = createServices({ ...common, onChange: pageChannels.forget })
  const proxies = createTrustedProxies(settings.trustedProxies)
  const { sessions } = services
  const accounts = await openAccountParts({ store, redis, secrets, proxies, urls, settings, sessions, log })
  await addRoutes(app, {
    accounts,
    proxies,
    services,
    pages: { playerDir, channels: pageChannels, addresses, urls },
    coach: { tokens: coach.tokens, channels: store.channels },
    steering: { roster: edges, live },
    slateFiles: { slates: store.slates, sourceKey: secrets.sourceKey },
    keptResponses: {
      store: store.keptResponses,
      seal: createKeySeal(clusterSecret, 'nowcast kept responses'),
      log,
    },
    events,
    metrics,
    isReady: createReadyCheck(store, redis),
    maxRequestsPerAddress: settings.maxRequestsPerAddress,
    maxApiRequests: settings.maxApiRequests,
    internalHost: internalHostOf(settings),
  })

  return {
    app,
    redis,
    endStreams: events.streams.endAll,
    async close() {
      endHealth()
      await app.close()
      closeRedis(subscriber)
      closeRedis(logReader)
      await Promise.all(
        [accounts, history, coach, keySweep, live, grants, rules, edges, events, webhooks].map((each) =>
          each.close(),
        ),
      )
      closeRedis(redis)
      await store.close()
    },
  }
}

/** Opens the secrets of the manager, and writes the file with that of edges. */
function openSecrets(settings: ManagerSettings, log: Log) {
  const { dataDir } = settings
  const clusterSecret = openClusterSecret(settings)
  const keys = deriveClusterKeys(clusterSecret)
  keepEdgeSecret(dataDir, keys)
  const adminToken = settings.adminToken ?? readOrMakeSecret(join(dataDir, adminTokenFile))
  // A short one is allowed: it can only be guessed at a manager, which slows that down.
  if (adminToken.length < minSecretLength)
    log.warn(`NOWCAST_ADMIN_TOKEN has fewer than ${minSecretLength} characters and could be guessed`)
  return { ...keys, adminToken, clusterSecret }
}

/** Opens three connections to Redis, because a subscription or a blocking read occupies one. */
function connect({ redisUrl: url }: ManagerSettings, log: Log) {
  return {
    redis: connectRedis({ url, log, purpose: 'manager', whenAway: 'fail' }),
    subscriber: connectRedis({ url, log, purpose: 'manager-watch', whenAway: 'wait' }),
    logReader: connectRedis({ url, log, purpose: 'manager-log', whenAway: 'wait' }),
  }
}

function createUrls(settings: ManagerSettings, app: FastifyInstance): PublicUrls {
  let port: number | undefined
  // Kept, because each call of `portOf` asks the system, and responses contain it.
  const managerPort = () => {
    port ??= portOf(app)
    return port ?? settings.managerPort
  }
  return createPublicUrls({
    host: settings.host,
    rtmpPort: settings.rtmpPort,
    edgePort: settings.edgePort,
    isEdgeSecure: settings.tlsCert !== undefined,
    managerPort,
    rtmpUrl: settings.publicRtmpUrl,
    edgeUrl: settings.publicEdgeUrl,
    managerUrl: settings.publicUrl,
  })
}

/** Returns where players reach content steering; undefined until the manager listens. */
function steeringPlace({ publicUrl, host }: ManagerSettings, app: FastifyInstance): PublicPlace | undefined {
  const port = portOf(app)
  return port === undefined ? undefined : { url: publicUrl ?? null, scheme: 'http', host, port }
}

interface ServiceDependencies {
  clusterSecret: string
  store: Store
  revocation: Revocation
  live: LiveView
  stops: StopRequests
  urls: PublicUrls
  issueToken: IssueToken
  webhooks: Pick<Webhooks, 'service'>
  coach: Pick<Coach, 'tokens' | 'health'>
  /** Called with the slug of a channel that was created, changed or removed, or whose tokens were revoked. */
  onChange(slug: string): void
  log: Log
}

function createServices(dependencies: ServiceDependencies): Services {
  const { store, revocation, live, urls, coach, onChange, log } = dependencies
  const { channels } = store
  const seal = createKeySeal(dependencies.clusterSecret)
  const streamKeys = createStreamKeyService({
    ...{ channels, seal, revocation, urls, log },
    coachTokens: coach.tokens,
  })
  return {
    streamKeys,
    channels: createChannelService({ channels, streamKeys, revocation, live, urls, onChange, log }),
    slates: createSlateService({ channels, slates: store.slates, revocation, live, urls, log }),
    tokens: createTokenService({
      channels,
      rules: store.playbackRules,
      events: store.events,
      revocation,
      issueToken: dependencies.issueToken,
      urls,
      onChange,
      log,
    }),
    sessions: createSessionService({ history: store.sessions, live, stops: dependencies.stops }),
    webhooks: dependencies.webhooks.service,
    health: coach.health,
  }
}
