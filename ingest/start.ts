import { join } from 'node:path'
import { newInstanceId } from '../core/contracts/ids.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { announcePresence } from '../core/contracts/presence.ts'
import { createPublishGrants } from '../core/contracts/publish-grants.ts'
import { createSessionLog } from '../core/contracts/session-log.ts'
import { createStopRequests } from '../core/contracts/stop-requests.ts'
import { checkFfmpeg, readsEnhancedRtmp } from '../core/process/ffmpeg-version.ts'
import { answerHealth, closeServer, createHttpServer, listen, urlOf } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import { closeRedis, connectRedis, redisReady } from '../core/process/redis.ts'
import type { RunningRole } from '../core/process/role.ts'
import { clusterSecretFile, readOrMakeSecret } from '../core/process/secrets.ts'
import { readTlsFiles } from '../core/process/tls-files.ts'
import { createFlvOutput, flvPath } from './distribution/flv-server.ts'
import { createIngestMetrics } from './metrics.ts'
import { createClaims } from './publish/claims.ts'
import { createGrants } from './publish/grants.ts'
import { createRtmpListener } from './rtmp/listener.ts'
import { createEventOutbox } from './session/event-outbox.ts'
import { createLiveSessions } from './session/live-sessions.ts'
import { createTranscodeQueue } from './session/transcode-queue.ts'
import type { IngestSettings } from './settings.ts'

/** Starts ingest: RTMP in, FLV out. @throws NowcastError */
export async function startIngest(log: Log, settings: IngestSettings): Promise<RunningRole> {
  const { host, redisUrl } = settings
  const tls =
    settings.rtmpsPort === undefined
      ? undefined
      : readTlsFiles(settings.tlsCert, settings.tlsKey, 'NOWCAST_RTMPS_PORT')
  const clusterSecret = settings.clusterSecret ?? readOrMakeSecret(join(settings.dataDir, clusterSecretFile))
  const connect = (purpose: string, whenAway: 'wait' | 'fail', batched = false) =>
    connectRedis({ url: redisUrl, log, purpose, whenAway, batched })
  const redis = connect('ingest', 'fail', true)
  const jobRedis = connect('ingest-jobs', 'wait')
  const subscriber = connect('ingest-stops', 'wait')
  const queue = createTranscodeQueue(jobRedis)
  const instance = newInstanceId()
  let enhancedWorks = false
  let baseUrl = ''

  const registry = createLiveRegistry(redis)
  const stopRequests = createStopRequests(redis)
  const outbox = createEventOutbox(createSessionLog(redis), log)
  const metrics = createIngestMetrics(() => ({
    connections: rtmp.connectionCount,
    sessions: sessions.count,
    flvReaders: sessions.readerCount,
    receivedBytes: rtmp.receivedBytes,
  }))
  const sessions = createLiveSessions({
    instance,
    flvUrl: (sessionId) => `${baseUrl}${flvPath(sessionId)}`,
    enhancedWorks: () => enhancedWorks,
    grants: createGrants(createPublishGrants(redis)),
    keeping: { registry, stopRequests, claims: createClaims(registry), outbox, queue, log },
    metrics,
  })
  const limits = { total: settings.maxConnections, perAddress: settings.maxConnectionsPerAddress }
  const rtmp = createRtmpListener({ admission: sessions, limits, log, onRefused: metrics.refused })
  const flvOutput = createFlvOutput({
    findSession: sessions.find,
    clusterSecret,
    log,
    onDropped: metrics.readerDropped,
  })
  const isReady = () => (redis.status === 'ready' ? undefined : 'redis is away')
  const http = createHttpServer((request, response) => {
    if (!answerHealth(request, response, metrics.registry, isReady)) flvOutput(request, response)
  })
  const release = async () => {
    await Promise.all([rtmp.close(), sessions.close()])
    await closeServer(http)
    for (const each of [redis, jobRedis, subscriber]) closeRedis(each)
  }

  try {
    await redisReady(redis)
    await stopRequests.watch(subscriber, sessions.stop)
    redis.on('ready', sessions.beat)
    const httpPort = await listen(http, host, settings.httpPort, 'NOWCAST_INGEST_HTTP_PORT')
    baseUrl = settings.advertiseUrl ?? urlOf(host, httpPort)
    enhancedWorks = await checkFfmpeg(settings.ffmpeg).then(readsEnhancedRtmp, () => false)
    const rtmpPort = await rtmp.listen(host, settings.rtmpPort)
    const rtmpsPort = tls && (await rtmp.listen(host, settings.rtmpsPort ?? 0, tls))
    const presence = { role: 'ingest' as const, instance, url: baseUrl, startedAt: Date.now() }
    const leave = announcePresence(redis, presence, log)
    return {
      ready: { rtmpPort, ...(rtmpsPort === undefined ? {} : { rtmpsPort }), url: baseUrl },
      async close() {
        await leave()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}
