import type { EdgeKeys } from '../../core/process/cluster-keys.ts'
import { withoutSecrets } from '../../core/programs/environment.mjs'

/** Limits of an edge that are divided among its workers. */
export interface SharedLimits {
  cacheMb: number
  maxConnections: number
  maxConnectionsPerAddress: number
  maxWaiting: number
  maxUpstreamPerAddress: number
}

/**
 * Returns the settings of worker `index` of `count`. The shares add up to the limits of the edge, but each is
 * at least 1, because 0 would mean no limit, or no room at all.
 */
export function shareOf<Settings extends SharedLimits>(
  settings: Settings,
  count: number,
  index: number,
): Settings {
  const { cacheMb, maxConnections, maxConnectionsPerAddress, maxWaiting, maxUpstreamPerAddress } = settings
  const share = (limit: number) => Math.max(1, Math.floor(limit / count) + Number(index < limit % count))
  return {
    ...settings,
    cacheMb: share(cacheMb),
    maxConnections: share(maxConnections),
    maxConnectionsPerAddress: maxConnectionsPerAddress === 0 ? 0 : share(maxConnectionsPerAddress),
    maxWaiting: share(maxWaiting),
    maxUpstreamPerAddress: maxUpstreamPerAddress === 0 ? 0 : share(maxUpstreamPerAddress),
  }
}

const variable = 'NOWCAST_EDGE_WORKER'

/** Settings that a worker gets as a message, because its environment can be read by more than itself. */
export interface WorkerSecrets {
  keys: EdgeKeys
  redisUrl: string
}

/** Settings that hold secrets. */
const withheld = { keys: undefined, clusterSecret: undefined, edgeSecret: undefined, redisUrl: undefined }

/** Returns the environment of a worker: that of the edge and its settings, except secrets. */
export const workerEnvironment = (settings: SharedLimits): NodeJS.ProcessEnv => ({
  ...withoutSecrets(process.env),
  [variable]: JSON.stringify({ ...settings, ...withheld }),
})

/**
 * Reads the settings that `workerEnvironment` wrote.
 * @throws Error when the process was not started as a worker.
 */
export function readWorkerSettings<Settings extends SharedLimits>(): Settings {
  const json = process.env[variable]
  if (json === undefined) throw new Error('a worker is started by an edge, not by hand')
  return JSON.parse(json) as Settings
}
