import { httpUrl, oneOf, secret, text } from './settings.ts'

/** Internal address by default: loopback, so that only this machine reaches `/metrics`. */
export const defaultInternalHost = '127.0.0.1'

/** Settings that every role has. Each role spreads them into its own settings. */
export const sharedSettings = {
  dataDir: text('NOWCAST_DATA_DIR', './data'),
  host: text('NOWCAST_HOST', '127.0.0.1'),
  /**
   * Address of internal listeners, and the only one at which `/metrics` responds. By default it is loopback;
   * listeners of a role that advertises a URL to other machines use `host` instead.
   */
  internalHost: text('NOWCAST_INTERNAL_HOST'),
  redisUrl: text('REDIS_URL', 'redis://127.0.0.1:6379'),
  /** Cluster secret. When unset, it is read from the data dir, or created there. */
  clusterSecret: secret('NOWCAST_CLUSTER_SECRET'),
  /** URL under which other processes of the cluster reach this role. By default from host and port. */
  advertiseUrl: httpUrl('NOWCAST_ADVERTISE_URL'),
  logLevel: oneOf('NOWCAST_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
} as const

/** Returns the address at which the internal listener of a role listens. */
export const internalListenHost = (settings: {
  internalHost: string | undefined
  advertiseUrl: string | undefined
  host: string
}): string =>
  settings.internalHost ?? (settings.advertiseUrl === undefined ? defaultInternalHost : settings.host)
