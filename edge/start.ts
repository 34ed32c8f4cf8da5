import { availableParallelism } from 'node:os'
import { readCertificate } from '../core/connections/certificate.ts'
import { createEdgeRoster } from '../core/contracts/edge-roster.ts'
import { newInstanceId } from '../core/contracts/ids.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { announcePresence } from '../core/contracts/presence.ts'
import type { PublicPlace } from '../core/contracts/public-place.ts'
import { watchRedisHealth } from '../core/health/redis-health.ts'
import { openEdgeKeys } from '../core/process/cluster-keys.ts'
import { urlOf } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import { closeRedis, connectRedis } from '../core/process/redis.ts'
import type { RunningRole } from '../core/process/role.ts'
import type { ExperienceDelta } from './experience/experience-notes.ts'
import { createRecentExperience } from './experience/recent-experience.ts'
import { findPort } from './http/listeners.ts'
import { addViewerMetrics } from './metrics.ts'
import { createOverloadControl, type OverloadControl, overloadSteps } from './overload/overload-control.ts'
import type { LoadLimits } from './overload/process-load.ts'
import type { EdgeSettings } from './settings.ts'
import { drain } from './steering/drain.ts'
import { reportEdge } from './steering/edge-report.ts'
import { reportAudience } from './viewers/audience-report.ts'
import { createViewers, type Viewers } from './viewers/viewers.ts'
import { startServing } from './wire.ts'
import { startWorkerPool } from './worker-pool/pool.ts'

const now = () => performance.now()

/**
 * Starts an edge, in this process or in worker processes. `residentBytes` returns the memory of this process,
 * bytes. Callers omit it when the process runs more than an edge.
 * @throws NowcastError `bad_settings` when the port cannot be opened or the certificate is not valid,
 * `unavailable` when a worker does not start.
 */
export async function startEdge(
  log: Log,
  settings: EdgeSettings,
  residentBytes?: () => number,
): Promise<RunningRole> {
  const scheme = readCertificate(settings) ? ('https' as const) : ('http' as const)
  const isShared = settings.sharedPorts === 'on' && settings.port !== 0
  const port = isShared ? settings.port : await findPort(settings.host, settings.port)
  const identity = {
    instance: settings.instance ?? newInstanceId(),
    url: settings.advertiseUrl ?? urlOf(settings.host, port, scheme),
    startedAt: Date.now(),
  }
  const viewers = createViewers({ limitPerNetwork: settings.maxConnectionsPerAddress })
  const overload = createOverloadControl({
    limits: loadLimitsOf(settings),
    onStep: (step, load) => log.warn({ step, ...load }, 'admission step changed'),
  })

  const served = { ...settings, keys: openEdgeKeys(settings), port, pathway: identity.instance }
  const count = settings.workers === 0 ? availableParallelism() : settings.workers
  const serving =
    count === 1
      ? await startServing(log, served, {
          viewers,
          overload,
          onLoad: (load) => overload.update(load, now()),
          residentBytes,
          now,
        })
      : await startWorkerPool(log, served, {
          count,
          hangMs: settings.hangSeconds * 1000,
          viewers,
          overload,
          now,
        })
  addViewerMetrics(serving.metrics, viewers, now)
  const endHealth = watchRedisHealth(serving.metrics, { ...settings, purpose: 'edge', log })

  const place = { url: settings.publicUrl ?? null, scheme, host: settings.host, port }
  const reports = startReports(log, settings, { ...identity, place }, viewers, overload, serving)
  let isReplaced = false
  return {
    ready: { url: identity.url, port },
    drain: reports.drain,
    async retire() {
      isReplaced = true
      await serving.close('retire')
    },
    async close() {
      endHealth()
      await Promise.all([serving.close('end'), reports.close(isReplaced)])
    },
  }
}

interface EdgeIdentity {
  instance: string
  url: string
  startedAt: number
  place: PublicPlace
}

/**
 * Reports this edge and its audience to the rest of the cluster. The returned `drain` moves its viewers to
 * other edges.
 */
function startReports(
  log: Log,
  settings: EdgeSettings,
  { instance, url, startedAt, place }: EdgeIdentity,
  viewers: Viewers,
  overload: OverloadControl,
  serving: { takeExperience(): ExperienceDelta },
) {
  const redis = connectRedis({ url: settings.redisUrl, log, purpose: 'edge', whenAway: 'fail' })
  const withdrawPresence = announcePresence(redis, { role: 'edge', instance, url, startedAt }, log)

  const experience = createRecentExperience()
  const endAudienceReport = reportAudience(
    createLiveRegistry(redis),
    {
      viewers: () => viewers.counts(now()),
      experience() {
        for (const [slug, delta] of serving.takeExperience()) experience.add(slug, delta)
        return experience.at(now())
      },
    },
    { instance, log },
  )

  const watching = () => Object.values(viewers.count(now())).reduce((sum, count) => sum + count, 0)
  const roster = createEdgeRoster(redis)
  const report = reportEdge(
    // A shield is never offered to viewers, so the roster must not list it.
    settings.shield === 'on' ? { ...roster, put: async () => {} } : roster,
    { pathway: instance, place, startedAt },
    {
      log,
      load: () => ({
        ...overload.load,
        viewers: watching(),
        overload: overloadSteps.indexOf(overload.state.step),
      }),
    },
  )

  return {
    drain: (signal: AbortSignal) =>
      drain(
        {
          report,
          hasOthers: async () =>
            (await roster.edges()).some((edge) => edge.pathway !== instance && edge.state === 'serving'),
          viewers: watching,
          log,
          deadlineMs: settings.drainSeconds * 1000,
        },
        signal,
      ),
    async close(isReplaced: boolean) {
      await Promise.all([endAudienceReport, report.close, withdrawPresence].map((end) => end(isReplaced)))
      closeRedis(redis)
    },
  }
}

const loadLimitsOf = ({ overloadDelayMs, overloadBusy, overloadMbps }: EdgeSettings): LoadLimits => ({
  delayMs: overloadDelayMs,
  busy: overloadBusy / 100,
  egressBits: overloadMbps * 1e6,
})
