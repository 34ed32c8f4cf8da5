import { address, httpUrl, oneOf, secret, text } from './settings.ts'

/** Returns the loopback address of the same family as `host`. A host may have no IPv4 at all. */
export const loopbackOf = (host: string): string => (host.includes(':') ? '::1' : '127.0.0.1')

/** Settings that every role has. Each role spreads them into its own settings. */
export const sharedSettings = {
  dataDir: text('NOWCAST_DATA_DIR', './data'),
  host: address('NOWCAST_HOST', '127.0.0.1'),
  /**
   * Address of internal listeners, and the only one at which `/metrics` responds. By default it is loopback;
   * listeners of a role that advertises a URL to other machines use `host` instead.
   */
  internalHost: address('NOWCAST_INTERNAL_HOST'),
  redisUrl: text('REDIS_URL', 'redis://127.0.0.1:6379'),
  /** Cluster secret. When unset, it is read from the data dir, or created there. */
  clusterSecret: secret('NOWCAST_CLUSTER_SECRET'),
  /** URL under which other processes of the cluster reach this role. By default from host and port. */
  advertiseUrl: httpUrl('NOWCAST_ADVERTISE_URL'),
  /**
   * Whether another process of the role may listen at the same public ports. `npm start` sets it, so that
   * `nowcast roll` can start one process before the other ends.
   */
  sharedPorts: oneOf('NOWCAST_SHARED_PORTS', ['on', 'off'], 'off'),
  logLevel: oneOf('NOWCAST_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
} as const

interface InternalSettings {
  host: string
  internalHost: string | undefined
}

/** Returns the internal address. By default it is loopback, so that only this machine reaches `/metrics`. */
export const internalHostOf = ({ host, internalHost }: InternalSettings): string =>
  internalHost ?? loopbackOf(host)

/** Returns the address at which the internal listener of a role listens. */
export const internalListenHost = (
  settings: InternalSettings & { advertiseUrl: string | undefined },
): string =>
  settings.advertiseUrl === undefined ? internalHostOf(settings) : (settings.internalHost ?? settings.host)
