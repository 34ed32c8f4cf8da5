import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { type Dialect, SqliteDialect } from 'kysely'
import { NowcastError } from '../../core/errors.ts'

/** A writer waits this long for another process to finish its transaction, ms. */
const busyTimeoutMs = 5000

/**
 * SQLite in one file, made when missing. This is the only file that knows the SQLite driver.
 * @throws NowcastError `bad_settings` when the file cannot be opened.
 */
export function sqliteDialect(path: string): Dialect {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const database = new Database(path, { timeout: busyTimeoutMs })
    database.pragma('journal_mode = WAL')
    // Safe against a crash of the process; a power cut may lose the last commits, never the file.
    database.pragma('synchronous = NORMAL')
    return new SqliteDialect({ database })
  } catch (error) {
    throw new NowcastError('bad_settings', `database ${path}: ${(error as Error).message}`)
  }
}
