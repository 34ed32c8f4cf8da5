import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, NowcastError } from '../core/process/errors.ts'
import { urlOf } from '../core/process/http-server.ts'
import type { RoleName } from '../core/process/role-messages.ts'
import { adminTokenFile, clusterSecretFile, readOrMakeSecret } from '../core/process/secrets.ts'
import { openDataDir } from './data-dir.ts'
import { lockDataDir } from './instance-lock.ts'
import { type KeptChild, keepAlive } from './kept-child.ts'
import { createOutputLog, type LogOutput } from './log-output.ts'
import { claimPort } from './port-check.ts'
import { placeRedis, redisUrlOf, startRedis } from './private-redis.ts'
import { startRole } from './role-child.ts'
import type { SupervisorSettings } from './settings.ts'

/** In the order in which they stop: no new publishers first, history last. */
const roles = ['ingest', 'transcoder', 'edge', 'manager'] as const satisfies readonly RoleName[]
/** Everything has ended after this time, ms; who takes longer is killed. */
const stopWithinMs = 4600
/** What is kept of that time for each that is still to stop, ms. */
const reserveMs = 300

export interface Supervisor {
  /** Rejects with one clear line when something cannot start; what was started then still wants `stop`. */
  ready: Promise<{ managerUrl: string; adminToken: string; dataDir: string }>
  /** Ends everything in order, within 5 s. */
  stop(): Promise<void>
  /** Ends everything at once. */
  kill(): void
}

/**
 * Runs everything on this machine: a private Redis unless REDIS_URL names one, and each role as a process of its own.
 * @throws NowcastError `bad_settings`, before anything is started, when this machine or the settings do not allow it.
 */
export async function startSupervisor(
  settings: SupervisorSettings,
  environment: NodeJS.ProcessEnv,
  output: LogOutput,
): Promise<Supervisor> {
  const log = createOutputLog('supervisor', settings.logLevel, output)
  const dataDir = openDataDir(settings.dataDir)
  const unlock = lockDataDir(dataDir)
  const children: KeptChild[] = []
  try {
    const ports = await claimPorts(settings)
    const adminToken = settings.adminToken ?? readOrMakeSecret(join(dataDir, adminTokenFile))
    const clusterSecret = settings.clusterSecret ?? readOrMakeSecret(join(dataDir, clusterSecretFile))
    let redisUrl = settings.redisUrl
    if (redisUrl === undefined) {
      const place = await placeRedis(dataDir)
      redisUrl = redisUrlOf(place)
      const redisLog = createOutputLog('redis', settings.logLevel, output)
      children.push(keepAlive('redis', () => startRedis(dataDir, place, redisLog), log))
    }
    const roleEnvironment = {
      ...environment,
      ...ports,
      NOWCAST_DATA_DIR: dataDir,
      NOWCAST_CLUSTER_SECRET: clusterSecret,
      REDIS_URL: redisUrl,
    }
    for (const role of roles) {
      const own = role === 'manager' ? { NOWCAST_ADMIN_TOKEN: adminToken } : {}
      children.push(keepAlive(role, () => startRole(role, { ...roleEnvironment, ...own }, output), log))
    }
    const managerUrl = urlOf(settings.host, Number(ports.NOWCAST_MANAGER_PORT))
    return {
      ready: allReady(children, managerUrl).then(() => ({ managerUrl, adminToken, dataDir })),
      async stop() {
        const deadline = performance.now() + stopWithinMs
        const order = [...roles, 'redis']
        for (const [index, name] of order.entries()) {
          const graceMs = deadline - performance.now() - reserveMs * (order.length - 1 - index)
          await children.find((child) => child.name === name)?.stop(Math.round(graceMs))
        }
        unlock()
      },
      kill() {
        for (const child of children) child.kill()
        unlock()
      },
    }
  } catch (error) {
    for (const child of children) child.kill()
    unlock()
    throw error
  }
}

async function claimPorts(settings: SupervisorSettings): Promise<Record<string, string>> {
  const wanted = {
    NOWCAST_RTMP_PORT: settings.rtmpPort,
    NOWCAST_RTMPS_PORT: settings.rtmpsPort,
    NOWCAST_MANAGER_PORT: settings.managerPort,
    NOWCAST_EDGE_PORT: settings.edgePort,
  }
  const claimed: Record<string, string> = {}
  for (const [variable, port] of Object.entries(wanted))
    if (port !== undefined) claimed[variable] = String(await claimPort(variable, settings.host, port))
  return claimed
}

async function allReady(children: readonly KeptChild[], managerUrl: string): Promise<void> {
  await Promise.all(
    children.map((child) =>
      child.ready.catch((error: unknown) => {
        throw new NowcastError('unavailable', `${child.name}: ${messageOf(error)}`)
      }),
    ),
  )
  await managerReady(managerUrl)
}

/** Waits until the manager says that all it needs is there. */
async function managerReady(managerUrl: string, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const problem = await fetch(`${managerUrl}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
      async (answer) => (answer.ok ? undefined : (await answer.text()).trim()),
      (error: unknown) => messageOf(error),
    )
    if (problem === undefined) return
    if (Date.now() > deadline) throw new NowcastError('unavailable', `the manager is not ready: ${problem}`)
    await delay(50)
  }
}
