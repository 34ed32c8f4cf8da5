/** Limits of an edge that its workers share. */
export interface SharedLimits {
  cacheMb: number
  maxConnections: number
  maxConnectionsPerAddress: number
  maxWaiting: number
  maxUpstreamPerAddress: number
}

/**
 * Returns the settings of worker `index` of `count`. Together the workers have the limits of the edge, but
 * each has at least 1: 0 would mean no limit, or no room at all.
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

/** Returns the environment of a worker. It contains all settings, so that all workers have the same. */
export const workerEnvironment = (settings: SharedLimits): NodeJS.ProcessEnv => ({
  ...process.env,
  [variable]: JSON.stringify(settings),
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
