import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { newInstanceId } from '../../core/contracts/ids.ts'
import { deriveClusterKeys, keepEdgeSecret, openClusterSecret } from '../../core/process/cluster-keys.ts'
import { messageOf, NowcastError } from '../../core/process/errors.ts'
import { urlOf } from '../../core/process/http-server.ts'
import type { RoleName } from '../../core/process/role-messages.ts'
import { adminTokenFile, readOrMakeSecret } from '../../core/process/secrets.ts'
import { loopbackOf } from '../../core/process/shared-settings.ts'
import { lockDataDir, openDataDir } from '../instance/data-dir.ts'
import { claimPorts } from '../instance/ports.ts'
import { createOutputLog, type LogOutput } from '../output/log-output.ts'
import { openControlSocket } from './control-socket.ts'
import { type KeptChild, keepAlive } from './kept-child.ts'
import { chooseRedisAddress, redisUrlOf, startRedis } from './redis-child.ts'
import { startRole } from './role-child.ts'
import { roll } from './roll.ts'
import type { SupervisorSettings } from './settings.ts'

/**
 * Roles in the order in which they stop. Ingest stops before the transcoder, because an ffmpeg that ends
 * before its session counts as a failure. The manager is last, because it records how sessions ended.
 */
const roles = ['ingest', 'transcoder', 'edge', 'manager'] as const satisfies readonly RoleName[]
const stopOrder = [...roles, 'redis'] as const
/** Time within which all processes end, ms. Those that take longer are killed. */
const stopWithinMs = 4600
/** Minimum time that each process has to stop, ms, even if the processes before it are slow. */
const reserveMs = 300

/** Whether two processes can listen at the same port, so that one can replace the other. */
const canSharePorts = process.platform === 'linux'

export interface Supervisor {
  /**
   * Resolves when everything is ready. Rejects with one line for the operator when something cannot start.
   * The caller must then still call `stop` or `kill`, to end what was started.
   */
  ready: Promise<{ managerUrl: string; adminToken: string; dataDir: string }>
  /** Ends everything in order, within 5 s. */
  stop(): Promise<void>
  /** Kills all processes at once, and unlocks the data dir. */
  kill(): void
}

/**
 * Starts everything on this machine: a private Redis unless REDIS_URL is set, and each role as a process of
 * its own.
 * @throws NowcastError `bad_settings`, before anything is started, when the data dir, a secret or a port
 * cannot be used.
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
  let closeControl = () => {}
  const kill = () => {
    closeControl()
    for (const child of children) child.kill()
    unlock()
  }
  try {
    const ports = await claimPorts(settings.host, {
      NOWCAST_RTMP_PORT: settings.rtmpPort,
      NOWCAST_RTMPS_PORT: settings.rtmpsPort,
      NOWCAST_MANAGER_PORT: settings.managerPort,
      NOWCAST_EDGE_PORT: settings.edgePort,
    })
    const adminToken = settings.adminToken ?? readOrMakeSecret(join(dataDir, adminTokenFile))
    // The roles read these files themselves: an environment is easier to see than a file.
    keepEdgeSecret(dataDir, deriveClusterKeys(openClusterSecret({ ...settings, dataDir })))
    let { redisUrl } = settings
    if (redisUrl === undefined) {
      const address = await chooseRedisAddress(dataDir, loopbackOf(settings.host))
      redisUrl = redisUrlOf(address)
      const redisLog = createOutputLog('redis', settings.logLevel, output)
      children.push(keepAlive('redis', () => startRedis(dataDir, address, redisLog), log))
    }
    const roleEnvironment = {
      ...environment,
      ...ports,
      // The ports were free a moment ago, so sharing them hides no other program that uses them.
      ...(canSharePorts ? { NOWCAST_SHARED_PORTS: 'on', NOWCAST_EDGE_INSTANCE: newInstanceId() } : {}),
      NOWCAST_DATA_DIR: dataDir,
      REDIS_URL: redisUrl,
    }
    const hangMs = settings.hangSeconds * 1000
    for (const role of roles)
      children.push(keepAlive(role, () => startRole(role, roleEnvironment, output, hangMs), log))
    const managerUrl = urlOf(settings.host, Number(ports.NOWCAST_MANAGER_PORT))
    const rollAll = async (say: (line: string) => void) => {
      if (!canSharePorts) throw new NowcastError('unavailable', 'roles can be rolled on Linux only')
      await roll(children, say)
    }
    closeControl = await openControlSocket(dataDir, rollAll, log)
    return {
      ready: allReady(children, managerUrl).then(() => ({ managerUrl, adminToken, dataDir })),
      async stop() {
        closeControl()
        await stopInOrder(children)
        unlock()
      },
      kill,
    }
  } catch (error) {
    kill()
    throw error
  }
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

/**
 * Polls the manager until it reports that it and everything it needs are ready.
 * @throws NowcastError `unavailable` when it does not within `timeoutMs`
 */
async function managerReady(managerUrl: string, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const problem = await fetch(`${managerUrl}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
      async (response) => (response.ok ? undefined : (await response.text()).trim()),
      (error: unknown) => messageOf(error),
    )
    if (problem === undefined) return
    if (Date.now() > deadline) throw new NowcastError('unavailable', `the manager is not ready: ${problem}`)
    await delay(50)
  }
}

async function stopInOrder(children: readonly KeptChild[]): Promise<void> {
  const deadline = performance.now() + stopWithinMs
  for (const [index, name] of stopOrder.entries()) {
    const graceMs = deadline - performance.now() - reserveMs * (stopOrder.length - 1 - index)
    await children.find((child) => child.name === name)?.stop(Math.round(graceMs))
  }
}
