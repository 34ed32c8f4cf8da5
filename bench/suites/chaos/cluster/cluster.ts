import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { roleProcessOf } from '../../../../core/process/role-process.mjs'
import { startObjectStore } from '../../../../test/kit/object-store.ts'
import { startPostgres } from '../../../../test/kit/postgres.ts'
import { mainOf } from '../../../../test/kit/root.ts'
import { waitFor } from '../../../../test/kit/wait-for.ts'
import { createApiClient } from '../../../../test/kit/whole.ts'
import type { Network, NetworkNode } from '../../../stand/namespaces.ts'
import type { OnCleanup } from '../../../stand/scope.ts'
import { balancerConfig, balancerPorts } from './balancer.ts'
import { type KeptOptions, type KeptProcess, keepRunning } from './kept-process.ts'
import { startRedisCluster } from './redis-cluster.ts'
import { mountSmallDisk } from './small-disk.ts'

/** Roles of nowcast, each of which runs twice. */
export const roles = ['ingest', 'transcoder', 'edge', 'manager'] as const
export type Role = (typeof roles)[number]

/** Time for which a session waits for its publisher, ms. */
export const graceMs = 60_000
/** Time that a role gets to end in order, ms: an edge waits 10 s for viewers that come back. */
const maxStopMs = 20_000
/** HTTP ports of the roles. Each process has an address of its own. */
const ports: Record<Role, number> = { ingest: 9000, transcoder: 9100, edge: 8088, manager: 8080 }
const haproxyProgram = process.env.NOWCAST_HAPROXY ?? 'haproxy'

export type Cluster = Awaited<ReturnType<typeof startCluster>>

interface ClusterOptions {
  network: Network
  directory: string
  /** Folder for the output of all processes; undefined: it is not kept. */
  logs: string | undefined
  /** Returns the time from the end of a role to its next start, ms. */
  restartMs(): number
  /** Gets what undoes each step, to be called in reverse order. */
  onCleanup: OnCleanup
}

/** Starts two processes of each role behind HAProxy, with all that they need. */
export async function startCluster({ network, directory, logs, restartMs, onCleanup }: ClusterOptions) {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
  const env = { PATH, NODE_COMPILE_CACHE }
  const balancer = network.add('balancer')
  const nodes = Object.fromEntries(
    roles.map((role) => [role, ['a', 'b'].map((each) => network.add(`${role}-${each}`))]),
  ) as Record<Role, NetworkNode[]>
  const postgres = await startPostgres(network.add('postgres'))
  onCleanup(postgres.stop)
  const store = await startObjectStore(network.add('store'))
  onCleanup(store.stop)
  const redis = await startRedisCluster({ network, directory, onCleanup, usual: { env, logs } })

  const adminToken = randomBytes(16).toString('hex')
  const managerUrl = `http://${balancer.address}:${balancerPorts.manager}`
  const rtmpUrl = `rtmp://${balancer.address}:${balancerPorts.rtmp}/live`
  const shared = {
    ...env,
    REDIS_URL: redis.url,
    NOWCAST_CLUSTER_SECRET: randomBytes(32).toString('hex'),
    NOWCAST_TRUSTED_PROXIES: balancer.address,
  }
  const own: Record<Role, Record<string, string>> = {
    ingest: { NOWCAST_GRACE_MS: String(graceMs), NOWCAST_INGEST_HTTP_PORT: String(ports.ingest) },
    transcoder: {
      ...store.settings,
      NOWCAST_TRANSCODER_HTTP_PORT: String(ports.transcoder),
      NOWCAST_LADDER: 'source,180',
    },
    edge: {},
    manager: {
      DATABASE_URL: postgres.url,
      NOWCAST_ADMIN_TOKEN: adminToken,
      NOWCAST_PUBLIC_URL: managerUrl,
      NOWCAST_PUBLIC_RTMP_URL: rtmpUrl,
    },
  }
  const disk = mountSmallDisk(join(directory, 'transcoder-a'), onCleanup)
  const processes: Record<Role, KeptProcess[]> = { ingest: [], transcoder: [], edge: [], manager: [] }
  // One after another, because the first manager creates the tables.
  for (const role of roles)
    for (const node of nodes[role]) {
      const kept = await startRole(role, { ...shared, ...own[role] }, { node, directory, logs, restartMs })
      onCleanup(() => kept.stop('SIGTERM', maxStopMs))
      processes[role].push(kept)
    }
  const haproxy = await keepRunning({
    node: balancer,
    ...{ env, logs },
    command: () => [haproxyProgram, '-db', '-f', balancerConfig(directory, balancer, nodes, ports.ingest)],
    restartMs: () => 1000,
    isReady: () => fetch(`${managerUrl}/healthz`, { signal: AbortSignal.timeout(1000) }),
  })
  onCleanup(() => haproxy.stop('SIGTERM', 2000))
  const all = () => [...Object.values(processes).flat(), ...redis.processes, haproxy]
  for (const each of all())
    await waitFor(`${each.name} to be ready`, () => each.isReady(), { timeoutMs: 40_000, everyMs: 200 })

  return {
    ...{ network, processes, redis, store, disk, managerUrl, rtmpUrl, adminToken, all },
    edgeUrls: nodes.edge.map(({ address }) => `http://${address}:${ports.edge}`),
    api: createApiClient(managerUrl, adminToken),
  }
}

interface RolePlace extends Pick<KeptOptions, 'node' | 'logs' | 'restartMs'> {
  directory: string
}

/** Starts a role. Resolves when it responds. */
async function startRole(
  role: Role,
  env: Record<string, string>,
  { directory, ...place }: RolePlace,
): Promise<KeptProcess> {
  const { name, address } = place.node
  const dataDir = join(directory, name)
  mkdirSync(dataDir, { recursive: true })
  const { arguments: flags, environment } = roleProcessOf(role)
  const url = `http://${address}:${ports[role]}`
  const check = async (path: string) => {
    const { ok, status } = await fetch(url + path, { signal: AbortSignal.timeout(1000) })
    if (!ok) throw new Error(`${url}${path}: ${status}`)
    return ok
  }
  const kept = await keepRunning({
    ...place,
    command: () => [process.execPath, ...flags, mainOf(role)],
    env: {
      ...environment,
      ...env,
      NOWCAST_DATA_DIR: dataDir,
      NOWCAST_HOST: address,
      NOWCAST_INTERNAL_HOST: address,
    },
    isReady: () => check('/readyz'),
  })
  await waitFor(`${name} to run`, () => check('/healthz'), { timeoutMs: 40_000, everyMs: 100 })
  return kept
}
