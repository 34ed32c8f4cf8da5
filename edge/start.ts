import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createEdgeRoster } from '../core/contracts/edge-roster.ts'
import { newInstanceId } from '../core/contracts/ids.ts'
import { createLiveRegistry } from '../core/contracts/live-registry.ts'
import { announcePresence } from '../core/contracts/presence.ts'
import { urlOf } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import { closeRedis, connectRedis } from '../core/process/redis.ts'
import type { RunningRole } from '../core/process/role.ts'
import { clusterSecretFile, readOrMakeSecret } from '../core/process/secrets.ts'
import { createRecentExperience } from './experience/recent-experience.ts'
import { findPort } from './http/listeners.ts'
import { type Admission, admissionSteps, createAdmission } from './overload/overload-control.ts'
import type { Load, LoadLimits } from './overload/process-load.ts'
import type { EdgeSettings } from './settings.ts'
import { drain } from './steering/drain.ts'
import { reportEdge } from './steering/edge-report.ts'
import { readCertificate } from './tls/certificate.ts'
import { reportAudience } from './viewers/audience-report.ts'
import { measureViewers } from './viewers/metrics.ts'
import { createViewers } from './viewers/viewers.ts'
import { startServing } from './wire.ts'
import { startWorkers } from './worker-pool/worker-pool.ts'

const now = () => performance.now()

/**
 * Starts an edge, in this process or in workers of it; `residentBytes` is the memory of a process that is nothing but an edge.
 * @throws NowcastError `bad_settings` when its port cannot be opened.
 */
export async function startEdge(
  log: Log,
  settings: EdgeSettings,
  residentBytes?: () => number,
): Promise<RunningRole> {
  const clusterSecret = settings.clusterSecret ?? readOrMakeSecret(join(settings.dataDir, clusterSecretFile))
  const count = settings.workers === 0 ? availableParallelism() : settings.workers
  const viewers = createViewers({ limitPerAddress: settings.maxConnectionsPerAddress })
  const experience = createRecentExperience()
  const steps = createAdmission({
    limits: loadLimitsOf(settings),
    onStep: (step, load) => log.warn({ step, ...load }, 'the load asks for another step of admission'),
  })
  let load: Load = { delayMs: 0, busy: 0, egressBits: 0 }
  const admission: Admission = {
    get step() {
      return steps.step
    },
    get letsIn() {
      return steps.letsIn
    },
    take(sample, time) {
      load = sample
      steps.take(sample, time)
    },
  }
  const scheme = readCertificate(settings) ? ('https' as const) : ('http' as const)
  const port = await findPort(settings.host, settings.port)
  const instance = newInstanceId()
  const served = { ...settings, clusterSecret, port, pathway: instance }
  const serving =
    count === 1
      ? await startServing(log, served, {
          viewers,
          gate: admission,
          onLoad: (load) => admission.take(load, now()),
          residentBytes,
          now,
        })
      : await startWorkers(log, served, { count, viewers, admission, now })

  measureViewers(serving.metrics, viewers, now)

  const redis = connectRedis({ url: settings.redisUrl, log, purpose: 'edge', whenAway: 'fail' })
  const url = settings.advertiseUrl ?? urlOf(settings.host, port, scheme)
  const startedAt = Date.now()
  const hide = announcePresence(redis, { role: 'edge', instance, url, startedAt }, log)
  const stopReport = reportAudience(
    createLiveRegistry(redis),
    {
      viewers: () => viewers.tally(now()),
      experience() {
        for (const [slug, news] of serving.takeNews()) experience.add(slug, news)
        return experience.at(now())
      },
    },
    { instance, log },
  )

  const watching = () => Object.values(viewers.count(now())).reduce((sum, count) => sum + count, 0)
  const roster = createEdgeRoster(redis)
  /** One that serves other edges is none to send viewers to. */
  const board = settings.shield === 'on' ? { ...roster, put: async () => {} } : roster
  const place = { url: settings.publicUrl ?? null, scheme, host: settings.host, port }
  const report = reportEdge(
    board,
    { pathway: instance, place, startedAt },
    {
      log,
      load: () => ({ ...load, viewers: watching(), overload: admissionSteps.indexOf(admission.step) }),
    },
  )

  return {
    ready: { url, port },
    drain: (signal) =>
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
    async close() {
      await Promise.all([serving.close(), stopReport(), report.close(), hide()])
      closeRedis(redis)
    },
  }
}

const loadLimitsOf = ({ overloadDelayMs, overloadBusy, overloadMbps }: EdgeSettings): LoadLimits => ({
  delayMs: overloadDelayMs,
  busy: overloadBusy / 100,
  egressBits: overloadMbps * 1e6,
})
