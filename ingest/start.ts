import { createSignalLog } from '../core/coach/signal/signal-log.ts'
import { type Certificate, keepCertificate, readCertificate } from '../core/connections/certificate.ts'
import { createHttpServer } from '../core/connections/http-server.ts'
import { readTlsFiles } from '../core/connections/tls-files.ts'
import { createTrustedProxies } from '../core/connections/trusted-proxies.ts'
import { newInstanceId } from '../core/contracts/ids.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { announcePresence } from '../core/contracts/presence.ts'
import { createPublishGrants } from '../core/contracts/publish-grants.ts'
import { createSessionLog } from '../core/contracts/session-log.ts'
import { createStopRequests } from '../core/contracts/stop-requests.ts'
import { createYieldRequests } from '../core/contracts/yield-requests.ts'
import { watchRedisHealth } from '../core/health/redis-health.ts'
import { openClusterKeys } from '../core/process/cluster-keys.ts'
import { answerHealth, closeServer, listen, urlOf } from '../core/process/http-server.ts'
import { listenLocally } from '../core/process/local-socket.ts'
import type { Log } from '../core/process/log.ts'
import { closeRedis, connectRedis, redisReady } from '../core/process/redis.ts'
import type { RunningRole } from '../core/process/role.ts'
import { internalListenHost } from '../core/process/shared-settings.ts'
import { FlushPace } from './distribution/flush-pace.ts'
import { createFlvHandler, flvPath } from './distribution/flv-handler.ts'
import { type DrainOptions, drain } from './drain.ts'
import { createIngestMetrics } from './metrics.ts'
import { createClaims } from './publish/claims.ts'
import { createFormerSessions } from './publish/former-sessions.ts'
import { createGrants } from './publish/grants.ts'
import { createPublishAuthority } from './publish/publish-authority.ts'
import { createRtmpListener } from './rtmp/listener.ts'
import { createEventOutbox } from './session/event-outbox.ts'
import { createLiveSessions } from './session/live-sessions.ts'
import type { IngestSettings } from './settings.ts'
import { createTranscodePlaces } from './transcode/transcode-places.ts'
import { createTranscodeQueue } from './transcode/transcode-queue.ts'

/** Maximum time for which a replaced ingest keeps its publishers, ms. */
const retireMs = 24 * 3600 * 1000

/**
 * Starts ingest: publishers send RTMP to it, and transcoders pull FLV from it.
 * @throws NowcastError when a setting is wrong, a port is taken or Redis is away
 */
export async function startIngest(log: Log, settings: IngestSettings): Promise<RunningRole> {
  const certificate = readRtmpsCertificate(settings)
  const { sourceKey } = openClusterKeys(settings)
  const { redis, jobRedis, stopsRedis } = connectAll(settings.redisUrl, log)
  const instance = newInstanceId()
  let baseUrl = ''
  let localSocket: string | undefined

  const registry = createLiveRegistry(redis)
  const [stopRequests, yields] = [createStopRequests(redis), createYieldRequests(redis)]
  const claims = createClaims(registry)
  const outbox = createEventOutbox(createSessionLog(redis), log)
  const queue = createTranscodeQueue(jobRedis)
  const metrics = createIngestMetrics(() => ({
    connections: rtmp.connectionCount,
    ...sessions.figures(),
    receivedBytes: rtmp.receivedBytes,
  }))
  const sessions = createLiveSessions({
    pullPlace: (sessionId) => ({ instance, flvUrl: `${baseUrl}${flvPath(sessionId)}`, localSocket }),
    limits: mediaLimitsOf(settings),
    pace: new FlushPace(),
    ...{ graceMs: settings.graceMs, signals: createSignalLog(redis), log, ...metrics.sessions },
    announcer: { registry, stopRequests, claims, outbox, queue, log },
  })
  const authority = createPublishAuthority({
    ...{ grants: createGrants(createPublishGrants(redis)), places: createTranscodePlaces(redis) },
    formerSessions: createFormerSessions({ registry, yields }),
    ...{ claims, registry, stopRequests, sessions, log },
  })
  const rtmp = createRtmpListener({ ...clientsOf(settings), authority, log, onRefused: metrics.refused })
  const handleFlv = createFlvHandler({
    findSession: sessions.find,
    sourceKey,
    log,
    onDropped: metrics.subscriberDropped,
    onLeft: sessions.pullLost,
  })
  const isReady = () => (redis.status === 'ready' ? undefined : 'redis is away')
  const http = createHttpServer((request, response) => {
    if (!answerHealth(request, response, metrics.registry, isReady)) handleFlv(request, response)
  })
  const localHttp = createHttpServer(handleFlv)
  const endHealth = watchRedisHealth(metrics.registry, { ...settings, purpose: 'ingest', log })
  const kept = certificate && keepCertificate(certificate, settings, rtmp.setFiles, log)
  if (kept) metrics.addCertificate(kept)
  const release = async () => {
    endHealth()
    kept?.close()
    await Promise.all([rtmp.close(), sessions.close()])
    await Promise.all([http, localHttp].map((server) => closeServer(server)))
    for (const each of [redis, jobRedis, stopsRedis]) closeRedis(each)
  }

  try {
    await redisReady(redis)
    await stopRequests.watch(stopsRedis, sessions.stop)
    await yields.watch(stopsRedis, instance, sessions.yieldTo)
    redis.on('ready', sessions.announceAll)
    const internalHost = internalListenHost(settings)
    const httpPort = await listen(http, internalHost, settings.httpPort, 'NOWCAST_INGEST_HTTP_PORT')
    baseUrl = settings.advertiseUrl ?? urlOf(internalHost, httpPort)
    localSocket = await listenLocally(localHttp, `nowcast-ingest-${instance}`)
    const rtmpPort = await rtmp.listen(settings.host, settings.rtmpPort)
    const rtmpsPort = certificate && (await listenSecurely(rtmp, settings, certificate))
    const presence = { role: 'ingest' as const, instance, url: baseUrl, startedAt: Date.now() }
    const withdrawPresence = announcePresence(redis, presence, log)
    return {
      ready: { rtmpPort, ...(rtmpsPort === undefined ? {} : { rtmpsPort }), url: baseUrl },
      ...leavingOf({ rtmp, sessions, log }, settings.drainSeconds * 1000),
      async close() {
        await withdrawPresence()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

const listenSecurely = (
  rtmp: ReturnType<typeof createRtmpListener>,
  { host, rtmpsPort }: IngestSettings,
  { files }: Certificate,
) => rtmp.listen(host, rtmpsPort ?? 0, files)

const leavingOf = (parts: Omit<DrainOptions, 'waitMs'>, waitMs: number) => ({
  drain: (signal: AbortSignal) => drain({ ...parts, waitMs }, signal),
  retire: (signal: AbortSignal) => drain({ ...parts, waitMs: retireMs }, signal),
})

const mediaLimitsOf = ({ maxPicture, maxMegapixels, maxBitrateMbps }: IngestSettings) => ({
  ...maxPicture,
  maxPixelRate: maxMegapixels * 1e6,
  maxBitrate: maxBitrateMbps * 1e6,
})

/** Returns who may connect by RTMP: the limits, and the proxies that may send the PROXY protocol. */
const clientsOf = (settings: IngestSettings) => ({
  limits: { total: settings.maxConnections, perClient: settings.maxConnectionsPerAddress },
  proxies: createTrustedProxies(settings.trustedProxies),
  sharesPorts: settings.sharedPorts === 'on',
})

/**
 * Reads the certificate for RTMPS; undefined when RTMPS is off.
 * @throws NowcastError when a file is missing or the key is not that of the certificate
 */
function readRtmpsCertificate({ rtmpsPort, tlsCert, tlsKey }: IngestSettings): Certificate | undefined {
  if (rtmpsPort === undefined) return undefined
  readTlsFiles(tlsCert, tlsKey, 'NOWCAST_RTMPS_PORT')
  return readCertificate({ tlsCert, tlsKey })
}

/**
 * Opens three connections to Redis. While Redis is away, commands of `redis` fail, and those for jobs and for
 * stop and yield requests wait.
 */
function connectAll(url: string, log: Log) {
  const connect = (purpose: string, whenAway: 'wait' | 'fail', batched = false) =>
    connectRedis({ url, log, purpose, whenAway, batched })
  return {
    redis: connect('ingest', 'fail', true),
    jobRedis: connect('ingest-jobs', 'wait'),
    stopsRedis: connect('ingest-stops', 'wait'),
  }
}
