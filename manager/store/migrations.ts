import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { accounts } from './migrations/accounts.ts'
import { events, webhooks } from './migrations/events.ts'

/**
 * All migrations, run in the order of their names, the same on SQLite and Postgres. A released migration
 * never changes, because databases in use have run it already.
 */
export const migrations: Record<string, Migration> = {
  '0001_channels_and_sessions': { up: channelsAndSessions },
  '0002_signed_playback': { up: signedPlayback },
  '0003_no_record_flag': { up: noRecordFlag },
  '0004_interruptions': { up: interruptions },
  '0005_priority': { up: priority },
  '0006_slates': { up: slates },
  '0007_events': { up: events },
  '0007b_webhooks': { up: webhooks },
  '0008_idempotency': { up: idempotency },
  '0009_accounts': { up: accounts },
  '0010_signal_history': { up: signalHistory },
}

async function channelsAndSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('channels')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('latency', 'text', (column) => column.notNull())
    .addColumn('takeover', 'integer', (column) => column.notNull())
    .addColumn('record', 'integer', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('key_hash', 'text', (column) => column.notNull().unique())
    .addColumn('key_sealed', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute()

  // No foreign key to channels: the history of a deleted channel stays.
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel_id', 'text', (column) => column.notNull())
    .addColumn('slug', 'text', (column) => column.notNull())
    .addColumn('latency', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('reason', 'text')
    .addColumn('detail', 'text')
    .addColumn('publisher_address', 'text', (column) => column.notNull())
    .addColumn('publisher_software', 'text')
    .addColumn('source', 'text')
    .addColumn('renditions', 'text')
    .addColumn('transcoder', 'text')
    .addColumn('epoch', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('overloaded', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('peak_viewers', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createIndex('sessions_by_time')
    .on('sessions')
    .columns(['started_at desc', 'id desc'])
    .execute()
  await db.schema
    .createIndex('sessions_by_slug')
    .on('sessions')
    .columns(['slug', 'started_at desc', 'id desc'])
    .execute()
  await db.schema
    .createIndex('sessions_live')
    .on('sessions')
    .column('id')
    .where(sql.ref('ended_at'), 'is', null)
    .execute()

  await db.schema
    .createTable('marks')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
}

async function signedPlayback(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('channels')
    .addColumn('playback', 'text', (column) => column.notNull().defaultTo('public'))
    .execute()
  await db.schema
    .alterTable('channels')
    .addColumn('tokens_revoked_until', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createTable('revoked_tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel_id', 'text', (column) => column.notNull())
    .addColumn('ends_at', 'bigint', (column) => column.notNull())
    .execute()
}

/** Drops a flag that was stored but never had an effect. */
async function noRecordFlag(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('channels').dropColumn('record').execute()
}

async function interruptions(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('channels').addColumn('grace_ms', 'integer').execute()
  await db.schema.alterTable('sessions').addColumn('interruptions', 'text').execute()
}

async function priority(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('channels')
    .addColumn('priority', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
}

async function slates(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('channels').addColumn('slate', 'text').execute()
  await db.schema
    .createTable('slates')
    .addColumn('sha256', 'text', (column) => column.primaryKey())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('bytes', 'integer', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .execute()
}

async function idempotency(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('kept_responses')
    .addColumn('principal', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('run', 'text', (column) => column.notNull().unique())
    .addColumn('status', 'integer')
    .addColumn('headers', 'text')
    .addColumn('body', 'text')
    .addColumn('ends_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('kept_responses_key', ['principal', 'key'])
    .execute()
  await db.schema.createIndex('kept_responses_by_end').on('kept_responses').column('ends_at').execute()
}

/** The signal of sessions in steps of ten seconds. Rows lapse by their age, so there is an index on it. */
async function signalHistory(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('signal_history')
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('sample', 'text', (column) => column.notNull())
    .addColumn('issues', 'text')
    .addPrimaryKeyConstraint('signal_history_key', ['session_id', 'at'])
    .execute()
  await db.schema.createIndex('signal_history_by_time').on('signal_history').column('at').execute()
}
