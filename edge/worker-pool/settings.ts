import type { EdgeSettings } from '../settings.ts'

/** What a worker is told by the process that starts it. */
export interface WorkerSettings extends EdgeSettings {
  clusterSecret: string
  /** Names the edge to players: the same for all its workers. */
  pathway: string
}

const variable = 'NOWCAST_EDGE_WORKER'

/** The environment of a worker: settings go along whole, so that all workers have the same, secrets included. */
export const workerEnvironment = (settings: WorkerSettings): NodeJS.ProcessEnv => ({
  ...process.env,
  [variable]: JSON.stringify(settings),
})

/** @throws Error when the process was not started as a worker. */
export function readWorkerSettings(): WorkerSettings {
  const json = process.env[variable]
  if (json === undefined) throw new Error('a worker is started by an edge, not by hand')
  return JSON.parse(json) as WorkerSettings
}
