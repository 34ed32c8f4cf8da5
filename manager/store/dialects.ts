import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import {
  type Dialect,
  PostgresDialect,
  SqliteAdapter,
  type SqliteDatabase as SqliteConnection,
  SqliteDialect,
} from 'kysely'
import pg from 'pg'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import { NowcastError } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

// Only this file imports the database drivers: the rest of the store is the same for both databases.

/**
 * Maximum time that a writer waits for another process to finish its transaction, ms. The wait blocks the
 * event loop, and by default the supervisor kills a process whose event loop is blocked for 5 s.
 */
const busyTimeoutMs = 3000

/**
 * Makes Kysely run the pending migrations in one transaction. SQLite allows that, but Kysely's own adapter
 * does not use it. A manager that is killed during a migration then leaves no partial changes.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/**
 * Opens SQLite in one file, for a single manager. Creates the file if it is missing.
 * @throws NowcastError `bad_settings` when the file cannot be opened.
 */
export function sqliteDialect(path: string): Dialect {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const database = new SqliteDatabase(path, { timeout: busyTimeoutMs })
    database.pragma('journal_mode = WAL')
    // This is safe when the process crashes. A power cut may lose the last commits, but does not corrupt the
    // file.
    database.pragma('synchronous = NORMAL')
    const dialect = new SqliteDialect({ database: withKeptStatements(database) })
    return {
      createAdapter: () => new TransactionalAdapter(),
      createDriver: () => dialect.createDriver(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    }
  } catch (error) {
    throw new NowcastError('bad_settings', `database ${path}: ${(error as Error).message}`)
  }
}

/** Maximum number of prepared statements that are kept. */
const maxStatements = 200

/**
 * Keeps statements for the next query with the same SQL, because preparing one takes longer than reading a
 * row. A kept statement prepares itself again after a change of the schema, also by another process.
 */
function withKeptStatements(database: SqliteDatabase.Database): SqliteConnection {
  const statements = new BoundedMap<string, SqliteDatabase.Statement>(maxStatements)
  return {
    prepare(sql) {
      const statement = statements.get(sql) ?? database.prepare(sql)
      if (!statements.has(sql)) statements.set(sql, statement)
      return statement
    },
    close: () => void database.close(),
  }
}

const maxConnections = 10
const connectTimeoutMs = 3000
/** Maximum duration of a query, ms. The manager's queries are all short. */
const queryTimeoutMs = 5000

const int8 = pg.types.builtins.INT8

/** Connects to Postgres at a URL `postgres://…`, for one or several managers. */
export function postgresDialect(url: string, log: Log): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: queryTimeoutMs,
    query_timeout: queryTimeoutMs,
    application_name: 'nowcast-manager',
    types: {
      // All 64-bit numbers here are times in ms or counts, which a double holds exactly.
      getTypeParser: (oid, format) => (oid === int8 ? Number : pg.types.getTypeParser(oid, format)),
    },
  })
  // The pool replaces a broken idle connection with the next query. Without a listener the process would end.
  pool.on('error', (error) => log.warn({ err: error.message }, 'postgres connection lost'))
  return new PostgresDialect({ pool })
}
