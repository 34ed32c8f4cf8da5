import type { Kysely } from 'kysely'

/** Creates the log of events, and the counters of its positions and of the sequence of each channel. */
export async function events(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('position', 'bigint', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('unique_key', 'text', (column) => column.unique())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('written_at', 'bigint', (column) => column.notNull())
    .addColumn('channel_id', 'text')
    .addColumn('slug', 'text')
    .addColumn('sequence', 'bigint')
    .addColumn('data', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('events_by_type').on('events').columns(['type', 'position']).execute()
  await db.schema.createIndex('events_by_slug').on('events').columns(['slug', 'position']).execute()
  await db.schema.createIndex('events_by_channel').on('events').columns(['channel_id']).execute()
  await db.schema.createIndex('events_by_time').on('events').columns(['written_at']).execute()

  await db.schema
    .createTable('event_counters')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'bigint', (column) => column.notNull())
    .execute()
}

/** Creates webhooks, their deliveries, and the lanes of these. */
export async function webhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhooks')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('types', 'text')
    .addColumn('channels', 'text')
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('disabled_reason', 'text')
    .addColumn('secret_sealed', 'text', (column) => column.notNull())
    .addColumn('previous_sealed', 'text')
    .addColumn('previous_until', 'bigint', (column) => column.notNull())
    .addColumn('failing_since', 'bigint')
    .addColumn('paused_until', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('webhook_deliveries')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('webhook_id', 'text', (column) => column.notNull())
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('slug', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('tries', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('deliveries_pending')
    .on('webhook_deliveries')
    .columns(['webhook_id', 'state', 'lane', 'position'])
    .execute()
  await db.schema
    .createIndex('deliveries_by_webhook')
    .on('webhook_deliveries')
    .columns(['webhook_id', 'created_at desc', 'id desc'])
    .execute()
  await db.schema.createIndex('deliveries_by_time').on('webhook_deliveries').column('created_at').execute()

  await db.schema
    .createTable('webhook_lanes')
    .addColumn('webhook_id', 'text', (column) => column.notNull())
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('next_at', 'bigint', (column) => column.notNull())
    .addColumn('leased_until', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('webhook_lanes_key', ['webhook_id', 'lane'])
    .execute()
  await db.schema.createIndex('lanes_by_time').on('webhook_lanes').column('next_at').execute()
}
