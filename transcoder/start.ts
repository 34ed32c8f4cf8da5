import { createHttpServer } from '../core/connections/http-server.ts'
import { newInstanceId } from '../core/contracts/ids.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { announcePresence } from '../core/contracts/presence.ts'
import { createSessionLog } from '../core/contracts/session-log.ts'
import { createStopRequests } from '../core/contracts/stop-requests.ts'
import { watchRedisHealth } from '../core/health/redis-health.ts'
import { openClusterKeys } from '../core/process/cluster-keys.ts'
import { answerHealth, closeServer, listen, urlOf } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import { closeRedis, connectRedis, redisReady } from '../core/process/redis.ts'
import type { RunningRole } from '../core/process/role.ts'
import { internalListenHost } from '../core/process/shared-settings.ts'
import { drain } from './drain.ts'
import { guards, openFfmpegBox } from './encoder/box/ffmpeg-box.ts'
import { createTranscoderMetrics } from './metrics.ts'
import { type MeasureOptions, measureCapacity } from './room/measured-capacity.ts'
import { openRoom } from './room/open-room.ts'
import { createOtherOrigins } from './session/other-origins.ts'
import type { SessionDependencies } from './session/session-dependencies.ts'
import { runTranscodeSession } from './session/transcode-session.ts'
import { createSessionHost } from './session-host.ts'
import type { TranscoderSettings } from './settings.ts'
import { openSlateLibrary } from './slate/slate-library.ts'
import { openStore } from './store/open-store.ts'
import { startTranscodeWorker } from './worker.ts'

/** Maximum time for which an ffmpeg may have input but no output, ms. After that it counts as hung. */
const stallMs = 5000
/** Maximum time for open requests to complete when the process ends, ms. */
const serverGraceMs = 500

async function openBox(log: Log, settings: TranscoderSettings) {
  const ffmpeg = await openFfmpegBox({
    path: settings.ffmpegPath,
    memoryMb: settings.ffmpegMemoryMb,
    environment: settings.ffmpegEnvironment,
  })
  const missing = guards.filter((guard) => !ffmpeg.box.guards.includes(guard))
  if (missing.length > 0) log.warn({ missing }, 'ffmpeg is not fully confined: see docs/operate.md')
  return ffmpeg
}

/** Returns the capacity in the settings, megapixels/s, or measures it; 0: no limit. */
async function capacityOf({ capacity }: TranscoderSettings, options: MeasureOptions): Promise<number> {
  if (capacity !== 'measure') return capacity
  const measured = await measureCapacity(options)
  if (measured === undefined) options.log.warn('the capacity could not be measured: there is no limit')
  else options.log.info({ capacity: measured }, 'capacity measured')
  return measured ?? 0
}

/**
 * Starts a transcoder. The HTTP server starts before the worker, so that media can be fetched as soon as it
 * exists.
 */
export async function startTranscoder(log: Log, settings: TranscoderSettings): Promise<RunningRole> {
  const { version, box } = await openBox(log, settings)
  const { peerKey, sourceKey, storeScope } = openClusterKeys(settings)
  const instance = newInstanceId()
  const metrics = createTranscoderMetrics()
  metrics.showGuards(box.guards)
  const { preset, segmentMs, partMs, ladder } = settings

  const connect = (purpose: string, whenAway: 'wait' | 'fail') =>
    connectRedis({ url: settings.redisUrl, log, purpose, whenAway })
  const redis = connect('transcoder', 'fail')
  const queueRedis = connect('transcoder-queue', 'wait')
  const store = openStore(settings, { scope: storeScope, instance, redis, metrics: metrics.registry, log })
  const host = createSessionHost({ peerKey, onPartDelay: metrics.recordPartDelay, store: store.sessions })
  const isReady = () => (redis.status === 'ready' ? undefined : 'redis is away')
  const server = createHttpServer((request, response) => {
    if (!answerHealth(request, response, metrics.registry, isReady)) host.handle(request, response)
  })

  const endHealth = watchRedisHealth(metrics.registry, { ...settings, purpose: 'transcoder', log })
  async function release() {
    endHealth()
    await store.close()
    await closeServer(server, serverGraceMs)
    for (const connection of [redis, queueRedis]) closeRedis(connection)
  }

  try {
    const internalHost = internalListenHost(settings)
    const httpPort = await listen(server, internalHost, settings.httpPort, 'NOWCAST_TRANSCODER_HTTP_PORT')
    const url = settings.advertiseUrl ?? urlOf(internalHost, httpPort)
    await redisReady(redis)

    const registry = createLiveRegistry(redis)
    const sessions = () => worker.activeSessions
    const capacity = await capacityOf(settings, { box, version, preset, ladder, log })
    const room = openRoom({ redis, registry, instance, settings: { ...settings, capacity }, sessions, log })
    const deps: Omit<SessionDependencies, 'onWaiting'> = {
      registry,
      sessionLog: createSessionLog(redis),
      stopRequests: createStopRequests(redis),
      ...{ host, instance, sourceKey },
      originUrl: url,
      encoder: { ffmpeg: { box, stallMs }, version, preset },
      ladder,
      slates: openSlateLibrary({ redis, sourceKey, box, preset, segmentMs, log }),
      room,
      ...{ lengths: { partMs, segmentMs }, pictureEveryMs: settings.pictureSeconds * 1000 },
      metrics: metrics.sessions,
      log,
    }
    const worker = startTranscodeWorker({
      redis: queueRedis,
      concurrency: settings.sessions,
      isElsewhere: createOtherOrigins({ ...deps, redis }).has,
      ...{ reserve: room.reserve, release: room.release },
      run: (sessionId, leaving, onWaiting) => runTranscodeSession({ ...deps, onWaiting }, sessionId, leaving),
      log,
    })
    metrics.watchSessions(() => worker.sessions)
    metrics.watchRoom(room.figures)
    const presence = { role: 'transcoder', instance, url, startedAt: Date.now() } as const
    const withdraw = announcePresence(redis, presence, log)

    return {
      ready: { url, port: httpPort, instance },
      drain: (signal) => drain({ redis, instance, room, worker, log, ...settings }, signal),
      async close() {
        await room.close()
        await worker.close()
        await host.end()
        await withdraw()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}
