import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { type Dialect, SqliteAdapter, SqliteDialect } from 'kysely'
import { NowcastError } from '../../core/process/errors.ts'

/** A writer waits this long for another process to finish its transaction, ms. */
const busyTimeoutMs = 5000

/** Makes a migration one transaction, as SQLite allows: a manager killed in the middle of one leaves nothing half made. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/**
 * SQLite in one file, made when missing, for one manager. This is the only file that knows the SQLite driver.
 * @throws NowcastError `bad_settings` when the file cannot be opened.
 */
export function sqliteDialect(path: string): Dialect {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const database = new Database(path, { timeout: busyTimeoutMs })
    database.pragma('journal_mode = WAL')
    // Safe against a crash of the process; a power cut may lose the last commits, never the file.
    database.pragma('synchronous = NORMAL')
    const dialect = new SqliteDialect({ database })
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
