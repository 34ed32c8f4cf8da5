import { type Dialect, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Log } from '../../core/process/log.ts'

const maxConnections = 10
const connectTimeoutMs = 3000
/** No query of the manager is long; one that is gets ended, ms. */
const queryTimeoutMs = 5000

const int8 = pg.types.builtins.INT8

/** Postgres by `postgres://…`. This is the only file that knows the Postgres driver. */
export function postgresDialect(url: string, log: Log): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: queryTimeoutMs,
    query_timeout: queryTimeoutMs,
    application_name: 'nowcast-manager',
    types: {
      // Every 64-bit number here is a time in ms: well within what a double holds exactly.
      getTypeParser: (oid, format) => (oid === int8 ? Number : pg.types.getTypeParser(oid, format)),
    },
  })
  // Idle connections that break are replaced at the next query; without a listener they would end the process.
  pool.on('error', (error) => log.warn({ err: error.message }, 'a postgres connection broke'))
  return new PostgresDialect({ pool })
}
