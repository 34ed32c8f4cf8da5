import { httpUrl, oneOf, text } from './settings.ts'

/** Settings that every role reads; spread them into a role's own shape. */
export const sharedSettings = {
  dataDir: text('NOWCAST_DATA_DIR', './data'),
  host: text('NOWCAST_HOST', '127.0.0.1'),
  redisUrl: text('REDIS_URL', 'redis://127.0.0.1:6379'),
  /** What roles show each other; made and kept in the data dir when unset. */
  clusterSecret: text('NOWCAST_CLUSTER_SECRET'),
  /** How other machines reach this role's internal listener, when it is not `http://HOST:PORT`. */
  advertiseUrl: httpUrl('NOWCAST_ADVERTISE_URL'),
  logLevel: oneOf('NOWCAST_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
} as const
