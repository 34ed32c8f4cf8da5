import { join } from 'node:path'
import { newInstanceId } from '../core/ids.ts'
import { urlOf } from '../core/internal-server.ts'
import { createKeyMirror } from '../core/key-mirror.ts'
import { createLiveRegistry } from '../core/live-registry.ts'
import type { Log } from '../core/log.ts'
import { createMetrics } from '../core/metrics.ts'
import { announcePresence } from '../core/presence.ts'
import { closeRedis, connectRedis } from '../core/redis.ts'
import type { RunningRole } from '../core/role.ts'
import { adminTokenFile, clusterSecretFile, readOrMakeSecret } from '../core/secret-file.ts'
import { createSessionLog } from '../core/session-log.ts'
import { createStopRequests } from '../core/stop-requests.ts'
import { createApp } from './app.ts'
import { createChannelDesk } from './channels/channel-desk.ts'
import { createGrantMirror } from './channels/grant-mirror.ts'
import { createKeySeal } from './channels/key-seal.ts'
import { createRevocation } from './channels/revocation.ts'
import { createTitleCache } from './channels/title-cache.ts'
import { createFailedAttempts } from './http/failed-attempts.ts'
import { createPublicUrls } from './http/public-urls.ts'
import { measureLive } from './live-metrics.ts'
import { createReadyCheck } from './readiness.ts'
import { listen } from './server.ts'
import { createHistorian } from './sessions/historian.ts'
import { createLiveView } from './sessions/live-view.ts'
import { createReconciler } from './sessions/reconciler.ts'
import { createSessionDesk } from './sessions/session-desk.ts'
import type { ManagerSettings } from './settings.ts'
import { openStore } from './store/store.ts'

/** A token shorter than this could be guessed, characters. */
const goodTokenLength = 16

/** Starts the manager. Redis may be away: the API then answers from the store. @throws NowcastError `bad_settings` */
export async function startManager(
  log: Log,
  settings: ManagerSettings,
  playerDir = join(import.meta.dirname, '../player/dist'),
): Promise<RunningRole> {
  const { dataDir, host, redisUrl: url } = settings
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
  const mirror = createGrantMirror(store.channels, createKeyMirror(redis), log)
  mirror.follow(redis)

  let port = settings.managerPort
  const urls = createPublicUrls({
    ...settings,
    managerPort: () => port,
    rtmpUrl: settings.publicRtmpUrl,
    edgeUrl: settings.publicEdgeUrl,
    managerUrl: settings.publicUrl,
  })
  const titles = createTitleCache(store.channels.bySlug)
  const app = await createApp({
    log,
    adminToken,
    failures: createFailedAttempts(),
    channels: createChannelDesk({
      channels: store.channels,
      seal: createKeySeal(clusterSecret),
      revocation: createRevocation({ mirror, redis, registry, stops, log }),
      live,
      urls,
      onChange: titles.forget,
      log,
    }),
    sessions: createSessionDesk({ history: store.sessions, live, stops }),
    pages: { playerDir, titles, urls },
    metrics,
    isReady: createReadyCheck(store, redis),
  })

  async function release() {
    await app.close()
    for (const connection of [subscriber, logReader]) closeRedis(connection)
    await Promise.all([historian.close(), reconciler.close(), live.close(), mirror.close()])
    closeRedis(redis)
    await store.close()
  }

  try {
    port = await listen(app, host, settings.managerPort)
  } catch (error) {
    await release()
    throw error
  }
  const ownUrl = settings.advertiseUrl ?? urlOf(host, port)
  const withdraw = announcePresence(
    redis,
    { role: 'manager', instance: newInstanceId(), url: ownUrl, startedAt: Date.now() },
    log,
  )
  return {
    ready: { url: ownUrl, port },
    async close() {
      await withdraw()
      await release()
    },
  }
}
