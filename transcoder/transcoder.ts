import { join } from 'node:path'
import { newInstanceId } from '../core/contracts/ids.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { announcePresence } from '../core/contracts/presence.ts'
import { createSessionLog } from '../core/contracts/session-log.ts'
import { createStopRequests } from '../core/contracts/stop-requests.ts'
import { checkFfmpeg } from '../core/process/ffmpeg-version.ts'
import { answerHealth, closeServer, createHttpServer, listen, urlOf } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import { closeRedis, connectRedis, redisReady } from '../core/process/redis.ts'
import type { RunningRole } from '../core/process/role.ts'
import { clusterSecretFile, readOrMakeSecret } from '../core/process/secrets.ts'
import { createTranscoderMetrics } from './metrics.ts'
import { runSession } from './session/session.ts'
import type { TranscoderSettings } from './settings.ts'
import { createStage } from './stage.ts'
import { startTranscodeWorker } from './worker.ts'

/** No output of ffmpeg for so long while media flows in: it hangs, ms. */
const stallMs = 5000

/** Starts a transcoder: origin first, so that what is made can be fetched, then the worker. */
export async function startTranscoder(log: Log, settings: TranscoderSettings): Promise<RunningRole> {
  const version = await checkFfmpeg(settings.ffmpegPath)
  const clusterSecret = settings.clusterSecret ?? readOrMakeSecret(join(settings.dataDir, clusterSecretFile))
  const instance = newInstanceId()
  const metrics = createTranscoderMetrics()

  const connect = (purpose: string, whenAway: 'wait' | 'fail') =>
    connectRedis({ url: settings.redisUrl, log, purpose, whenAway })
  const redis = connect('transcoder', 'fail')
  const queueRedis = connect('transcoder-queue', 'wait')

  const stage = createStage({ clusterSecret, segmentMs: settings.segmentMs, onPartDelay: metrics.partDelay })
  const isReady = () => (redis.status === 'ready' ? undefined : 'redis is away')
  const server = createHttpServer((request, response) => {
    if (!answerHealth(request, response, metrics.registry, isReady)) stage.handle(request, response)
  })

  async function release() {
    await closeServer(server, 500)
    for (const connection of [redis, queueRedis]) closeRedis(connection)
  }

  try {
    const httpPort = await listen(server, settings.host, settings.httpPort, 'NOWCAST_TRANSCODER_HTTP_PORT')
    const url = settings.advertiseUrl ?? urlOf(settings.host, httpPort)
    await redisReady(redis)

    const { ffmpegPath: path, preset, segmentMs, partMs, ladder } = settings
    const deps = {
      ...{ registry: createLiveRegistry(redis), sessionLog: createSessionLog(redis) },
      stopRequests: createStopRequests(redis),
      ...{ stage, originUrl: url, instance, clusterSecret, metrics, ladder, log },
      encoder: { path, version, preset, segmentMs, stallMs },
      pieces: { partMs, segmentMs },
    }
    const worker = startTranscodeWorker({
      redis: queueRedis,
      concurrency: settings.sessions,
      run: (sessionId, signal) => runSession(deps, sessionId, signal),
      log,
    })
    metrics.watchSessions(() => worker.sessions)
    const withdraw = announcePresence(
      redis,
      { role: 'transcoder', instance, url, startedAt: Date.now() },
      log,
    )

    return {
      ready: { url, port: httpPort, instance },
      async close() {
        await worker.close()
        await stage.end()
        await withdraw()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}
