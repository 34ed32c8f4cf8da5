import { httpUrl, oneOf, text } from './settings.ts'

/** Settings of every role. A role spreads them into its own settings. */
export const sharedSettings = {
  dataDir: text('NOWCAST_DATA_DIR', './data'),
  host: text('NOWCAST_HOST', '127.0.0.1'),
  redisUrl: text('REDIS_URL', 'redis://127.0.0.1:6379'),
  /**
   * Secret that authenticates roles to each other; when unset, it is read from the data dir or created there.
   */
  clusterSecret: text('NOWCAST_CLUSTER_SECRET'),
  /** URL of this role's internal listener for other machines, when it is not `http://HOST:PORT`. */
  advertiseUrl: httpUrl('NOWCAST_ADVERTISE_URL'),
  logLevel: oneOf('NOWCAST_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
} as const
