import { join } from 'node:path'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { messageOf, NowcastError } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { migrations } from './migrations.ts'
import { postgresDialect } from './postgres.ts'
import { sqliteDialect } from './sqlite.ts'
import type { Tables } from './tables.ts'

export type Database = Kysely<Tables>

export interface DatabasePlace {
  /** `postgres://…`; undefined for a SQLite file in the data dir. */
  databaseUrl: string | undefined
  dataDir: string
}

/**
 * Opens the store and brings its tables up to date. On Postgres a lock lets managers that start together take turns.
 * @throws NowcastError `bad_settings` when it cannot be opened, or was made by a newer version.
 */
export async function openDatabase(
  { databaseUrl, dataDir }: DatabasePlace,
  log: Log,
  known = migrations,
): Promise<Database> {
  const dialect =
    databaseUrl === undefined ? sqliteDialect(join(dataDir, 'nowcast.db')) : postgresDialect(databaseUrl, log)
  const database = new Kysely<Tables>({ dialect })
  const { error, results } = await new Migrator({
    db: database,
    provider: { getMigrations: async () => known },
  }).migrateToLatest()
  if (error !== undefined) {
    await database.destroy()
    throw new NowcastError('bad_settings', `the database cannot be used: ${messageOf(error)}`)
  }
  for (const { migrationName } of results ?? []) log.info({ migration: migrationName }, 'database migrated')
  return database
}
