import { join } from 'node:path'
import { Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { messageOf, NowcastError } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { type AccountStore, createAccountStore } from './accounts/accounts.ts'
import { type ApiTokenStore, createApiTokenStore } from './accounts/api-tokens.ts'
import { type AuditStore, createAuditStore } from './accounts/audit.ts'
import { createLinkStore, type LinkStore } from './accounts/one-time-links.ts'
import { createSignInStore, type SignInStore } from './accounts/sign-ins.ts'
import type { AccountTables } from './accounts/tables.ts'
import { type ChannelStore, createChannelStore } from './channels.ts'
import { postgresDialect, sqliteDialect } from './dialects.ts'
import { createEventWriter, type WriteWithEvents } from './event-writer.ts'
import { createEventStore, type EventStore } from './events.ts'
import { createKeptResponseStore, type KeptResponseStore } from './kept-responses.ts'
import { migrations } from './migrations.ts'
import { createPlaybackRuleStore, type PlaybackRuleStore } from './playback-rules.ts'
import { createSessionStore, type SessionStore } from './sessions.ts'
import { createSignalHistory, type SignalHistory } from './signal-history.ts'
import { createSlateStore, type SlateStore } from './slates.ts'
import type { Database, Tables } from './tables.ts'

export interface DatabasePlace {
  /** `postgres://…`; undefined for a SQLite file in the data dir. */
  databaseUrl: string | undefined
  dataDir: string
}

export interface Store {
  channels: ChannelStore
  slates: SlateStore
  sessions: SessionStore
  signals: SignalHistory
  playbackRules: PlaybackRuleStore
  accounts: AccountStore
  signIns: SignInStore
  apiTokens: ApiTokenStore
  links: LinkStore
  audit: AuditStore
  keptResponses: KeptResponseStore
  events: EventStore
  /** For stores of other folders. */
  database: Database
  write: WriteWithEvents
  /** Calls `listener` each time when this process may have written events. */
  onEvents(listener: () => void): void
  /** Rejects when the database does not respond. */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the database with everything that the manager keeps across restarts.
 * @throws NowcastError `bad_settings` when it cannot be used.
 */
export async function openStore(place: DatabasePlace, log: Log): Promise<Store> {
  const database = await openDatabase(place, log)
  const accountTables = database.$pickTables<keyof AccountTables>()
  const listeners: (() => void)[] = []
  const write = createEventWriter(database, () => {
    for (const listener of listeners) listener()
  })
  return {
    accounts: createAccountStore(accountTables),
    signIns: createSignInStore(accountTables),
    apiTokens: createApiTokenStore(accountTables),
    links: createLinkStore(accountTables),
    audit: createAuditStore(accountTables),
    keptResponses: createKeptResponseStore(database),
    channels: createChannelStore(database, write),
    slates: createSlateStore(database, write),
    sessions: createSessionStore(database, write),
    signals: createSignalHistory(database),
    playbackRules: createPlaybackRuleStore(database, write),
    events: createEventStore(database, write),
    database,
    write,
    onEvents: (listener) => void listeners.push(listener),
    async ping() {
      await sql`select 1`.execute(database)
    },
    close: () => database.destroy(),
  }
}

/**
 * Opens the database and migrates its tables. On Postgres a lock makes managers that start at the same time
 * migrate one after the other.
 * @throws NowcastError `bad_settings` when the database cannot be opened or was migrated by a newer version.
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
