import { proxySettings } from '../core/connections/proxy-settings.ts'
import { tlsSettings } from '../core/connections/tls-settings.ts'
import {
  httpUrl,
  httpUrls,
  integer,
  oneOf,
  port,
  readSettings,
  secret,
  text,
} from '../core/process/settings.ts'
import { sharedSettings } from '../core/process/shared-settings.ts'

const shape = {
  ...sharedSettings,
  /** `tlsCert` and `tlsKey`. When both are set, the port serves HTTPS with HTTP/2 instead of HTTP. */
  ...tlsSettings,
  ...proxySettings,
  /** Secret from which an edge derives its keys, in place of the cluster secret. */
  edgeSecret: secret('NOWCAST_EDGE_SECRET'),
  port: port('NOWCAST_EDGE_PORT', 8088),
  /** Memory for media and playlists, MB. */
  cacheMb: integer('NOWCAST_EDGE_CACHE_MB', 256, 8, 65_536),
  /** Maximum number of client connections. Further ones are closed on arrival. */
  maxConnections: integer('NOWCAST_EDGE_MAX_CONNECTIONS', 20_000, 1, 1_000_000),
  /**
   * Maximum number of client connections per IPv4 address or IPv6 /64; 0: no limit. The connections of
   * trusted proxies are not limited; all clients of any other proxy count as one.
   */
  maxConnectionsPerAddress: integer('NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS', 5000, 0, 1_000_000),
  /** Maximum number of requests that wait for an origin, blocking reloads included. Further ones get 503. */
  maxWaiting: integer('NOWCAST_EDGE_MAX_WAITING', 20_000, 1, 1_000_000),
  /**
   * Maximum number of requests to origins that the clients of one address may cause per second; more get 429.
   * 0: no limit. Requests for what the edge has, or has requested already, do not count.
   */
  maxUpstreamPerAddress: integer('NOWCAST_EDGE_MAX_UPSTREAM_PER_ADDRESS', 500, 0, 1_000_000),
  /** Delay of the event loop that counts as overload, ms; 0: ignored. */
  overloadDelayMs: integer('NOWCAST_EDGE_OVERLOAD_DELAY_MS', 250, 0, 60_000),
  /** Utilisation of the event loop that counts as overload, percent; 0: ignored. */
  overloadBusy: integer('NOWCAST_EDGE_OVERLOAD_BUSY', 90, 0, 100),
  /** Rate of bodies sent to viewers and other edges that counts as overload, Mbit/s; 0: ignored. */
  overloadMbps: integer('NOWCAST_EDGE_OVERLOAD_MBPS', 0, 0, 1_000_000),
  /** Number of processes that share the port; 0: one per core. */
  workers: integer('NOWCAST_EDGE_WORKERS', 1, 0, 256),
  /** Time after which a worker whose event loop stands still is replaced, s; 0: never. */
  hangSeconds: integer('NOWCAST_HANG_SECONDS', 5, 0, 3600),
  /** URL at which viewers reach this edge; by default made of NOWCAST_HOST and the port. */
  publicUrl: httpUrl('NOWCAST_PUBLIC_EDGE_URL'),
  /** URLs of shields from which objects are requested instead of from origins, the preferred one first. */
  upstreams: httpUrls('NOWCAST_EDGE_UPSTREAM'),
  /** `on`: this edge serves other edges, so viewers are not steered to it. */
  shield: oneOf('NOWCAST_EDGE_SHIELD', ['on', 'off'], 'off'),
  /** Id of this edge in the cluster; by default a new one at each start. `npm start` sets it. */
  instance: text('NOWCAST_EDGE_INSTANCE'),
  /** Maximum time that a drain waits for viewers to move to another edge, s; 0: no drain. */
  drainSeconds: integer('NOWCAST_EDGE_DRAIN_SECONDS', 25, 0, 3600),
} as const

export type EdgeSettings = ReturnType<typeof readEdgeSettings>

/**
 * Reads the settings of an edge.
 * @throws NowcastError `bad_settings` naming every bad variable.
 */
export function readEdgeSettings(environment: NodeJS.ProcessEnv = process.env) {
  return readSettings(shape, environment)
}
