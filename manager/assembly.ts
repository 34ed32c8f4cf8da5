import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createEdgeRoster } from '../core/contracts/edge-roster.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { createPlaybackRuleBoard } from '../core/contracts/playback-rules.ts'
import { createPublishGrants } from '../core/contracts/publish-grants.ts'
import { createSessionLog } from '../core/contracts/session-log.ts'
import { createStopRequests } from '../core/contracts/stop-requests.ts'
import { createPlaybackTokens } from '../core/playback/playback-token.ts'
import type { Log } from '../core/process/log.ts'
import { createMetrics } from '../core/process/metrics.ts'
import { closeRedis, connectRedis, type Redis } from '../core/process/redis.ts'
import { adminTokenFile, clusterSecretFile, readOrMakeSecret } from '../core/process/secrets.ts'
import { createApp } from './app.ts'
import { createChannelDesk } from './channels/channel-desk.ts'
import { createGrantMirror } from './channels/grant-mirror.ts'
import { createKeySeal } from './channels/key-seal.ts'
import { createRevocation } from './channels/revocation.ts'
import { createTitleCache } from './channels/title-cache.ts'
import { createFailedAttempts } from './http/failed-attempts.ts'
import { createPublicUrls } from './http/public-urls.ts'
import { measureLive } from './live-metrics.ts'
import { createRuleMirror } from './playback/rule-mirror.ts'
import { createTokenDesk } from './playback/token-desk.ts'
import { createTokenMaker } from './playback/token-maker.ts'
import { createWatchPagePass } from './playback/watch-page-pass.ts'
import { createReadyCheck } from './readiness.ts'
import { portOf } from './server.ts'
import { createHistorian } from './sessions/historian.ts'
import { createLiveView } from './sessions/live-view.ts'
import { createReconciler } from './sessions/reconciler.ts'
import { createSessionDesk } from './sessions/session-desk.ts'
import type { ManagerSettings } from './settings.ts'
import { createEdgeView } from './steering/edge-view.ts'
import { openStore } from './store/store.ts'

/** A manager that does all its work but does not listen. */
export interface Assembly {
  app: FastifyInstance
  redis: Redis
  close(): Promise<void>
}

/** A token shorter than this could be guessed, characters. */
const goodTokenLength = 16

/**
 * Puts a manager together. Redis may be away: the API then answers from the store.
 * @param playerDir what the player's build made
 * @throws NowcastError `bad_settings`
 */
export async function assembleManager(
  log: Log,
  settings: ManagerSettings,
  playerDir: string,
): Promise<Assembly> {
  const { dataDir, redisUrl: url } = settings
  const clusterSecret = settings.clusterSecret ?? readOrMakeSecret(join(dataDir, clusterSecretFile))
  const adminToken = settings.adminToken ?? readOrMakeSecret(join(dataDir, adminTokenFile))
  if (adminToken.length < goodTokenLength)
    log.warn(`NOWCAST_ADMIN_TOKEN has less than ${goodTokenLength} characters: it could be guessed`)

  const store = await openStore(settings, log)
  const redis = connectRedis({ url, log, purpose: 'manager', whenAway: 'fail' })
  const subscriber = connectRedis({ url, log, purpose: 'manager-watch', whenAway: 'wait' })
  const logReader = connectRedis({ url, log, purpose: 'manager-log', whenAway: 'wait' })

  const registry = createLiveRegistry(redis)
  const stops = createStopRequests(redis)
  const metrics = createMetrics('manager')
  const live = createLiveView(registry, subscriber, log)
  const onEvents = measureLive(metrics, live)
  const historian = createHistorian(createSessionLog(logReader), store.sessions, log, onEvents)
  const reconciler = createReconciler({
    live,
    history: store.sessions,
    channels: store.channels,
    stops,
    log,
  })
  const mirror = createGrantMirror(store.channels, createPublishGrants(redis), redis, log)
  const rules = createRuleMirror(store.playbackRules, createPlaybackRuleBoard(redis), redis, log)
  const revocation = createRevocation({ mirror, rules, redis, registry, stops, log })
  const makeToken = createTokenMaker(createPlaybackTokens(clusterSecret))

  const urls = createPublicUrls({
    ...settings,
    managerPort: () => portOf(app) ?? settings.managerPort,
    rtmpUrl: settings.publicRtmpUrl,
    isEdgeSecure: settings.tlsCert !== undefined,
    edgeUrl: settings.publicEdgeUrl,
    managerUrl: settings.publicUrl,
  })
  const edges = createEdgeView(
    createEdgeRoster(redis),
    () => {
      const port = portOf(app)
      if (port === undefined) return undefined
      return { url: settings.publicUrl ?? null, scheme: 'http', host: settings.host, port }
    },
    log,
  )
  const titles = createTitleCache(store.channels.bySlug)
  const app: FastifyInstance = await createApp({
    log,
    adminToken,
    failures: createFailedAttempts(),
    channels: createChannelDesk({
      channels: store.channels,
      seal: createKeySeal(clusterSecret),
      revocation,
      live,
      urls,
      onChange: titles.forget,
      log,
    }),
    tokens: createTokenDesk({
      channels: store.channels,
      rules: store.playbackRules,
      revocation,
      makeToken,
      urls,
      onChange: titles.forget,
      log,
    }),
    sessions: createSessionDesk({ history: store.sessions, live, stops }),
    pages: {
      playerDir,
      titles,
      urls,
      edges,
      passFor: createWatchPagePass(makeToken, settings.publicUrl),
    },
    steering: { edges, live },
    metrics,
    isReady: createReadyCheck(store, redis),
  })

  return {
    app,
    redis,
    async close() {
      await app.close()
      for (const connection of [subscriber, logReader]) closeRedis(connection)
      await Promise.all([
        historian.close(),
        reconciler.close(),
        live.close(),
        mirror.close(),
        rules.close(),
        edges.close(),
      ])
      closeRedis(redis)
      await store.close()
    },
  }
}
