/** Limits of an edge that its workers share. */
export interface SharedLimits {
  cacheMb: number
  maxConnections: number
  maxConnectionsPerAddress: number
  maxWaiting: number
}

/** Returns the settings of one of `count` workers. Together they have the limits of the edge, rounded. */
export function shareOf<Settings extends SharedLimits>(settings: Settings, count: number): Settings {
  const { cacheMb, maxConnections, maxConnectionsPerAddress, maxWaiting } = settings
  return {
    ...settings,
    cacheMb: Math.max(1, Math.floor(cacheMb / count)),
    maxConnections: Math.ceil(maxConnections / count),
    maxConnectionsPerAddress: Math.ceil(maxConnectionsPerAddress / count),
    maxWaiting: Math.ceil(maxWaiting / count),
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
