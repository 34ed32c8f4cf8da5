import { httpUrl, httpUrls, integer, oneOf, port, readSettings } from '../core/process/settings.ts'
import { sharedSettings } from '../core/process/shared-settings.ts'
import { tlsSettings } from '../core/process/tls-settings.ts'

const shape = {
  ...sharedSettings,
  /** HTTPS with HTTP/2 in the place of HTTP, when both are set. */
  ...tlsSettings,
  port: port('NOWCAST_EDGE_PORT', 8088),
  /** Memory for media and playlists, MB. */
  cacheMb: integer('NOWCAST_EDGE_CACHE_MB', 256, 8, 65_536),
  /** Client connections at one time; more are closed as they come. */
  maxConnections: integer('NOWCAST_EDGE_MAX_CONNECTIONS', 20_000, 1, 1_000_000),
  /** The same of one address; 0: no limit, as behind a proxy, which speaks for everybody. */
  maxConnectionsPerAddress: integer('NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS', 5000, 0, 1_000_000),
  /** Requests that wait for an origin at one time, held reloads included; more are answered 503. */
  maxWaiting: integer('NOWCAST_EDGE_MAX_WAITING', 20_000, 1, 1_000_000),
  /** Overload, any of these sustained; 0: not looked at. Delay of the event loop, ms. */
  overloadDelayMs: integer('NOWCAST_EDGE_OVERLOAD_DELAY_MS', 250, 0, 60_000),
  /** Share of its time that the event loop works, percent. */
  overloadBusy: integer('NOWCAST_EDGE_OVERLOAD_BUSY', 90, 0, 100),
  /** Bodies given to viewers, Mbit/s. */
  overloadMbps: integer('NOWCAST_EDGE_OVERLOAD_MBPS', 0, 0, 1_000_000),
  /** Processes that share the port; 0: one for each core. */
  workers: integer('NOWCAST_EDGE_WORKERS', 1, 0, 256),
  /** How viewers reach this very edge, where that is not HOST and the port. */
  publicUrl: httpUrl('NOWCAST_PUBLIC_EDGE_URL'),
  /** Edges to ask in the place of origins, the preferred one first; none: origins are asked. */
  upstreams: httpUrls('NOWCAST_EDGE_UPSTREAM'),
  /** `on`: it serves other edges, so viewers are not steered to it. */
  shield: oneOf('NOWCAST_EDGE_SHIELD', ['on', 'off'], 'off'),
  /** How long it waits at its end for viewers to go to another edge, s; 0: not at all. */
  drainSeconds: integer('NOWCAST_EDGE_DRAIN_SECONDS', 25, 0, 3600),
} as const

export type EdgeSettings = ReturnType<typeof readEdgeSettings>

/** @throws NowcastError `bad_settings` naming every bad variable. */
export function readEdgeSettings(environment: NodeJS.ProcessEnv = process.env) {
  return readSettings(shape, environment)
}
