import type { EventType } from '../../core/api/event.ts'
import type { DisableReason } from '../../core/api/webhook.ts'
import { lockLog, type WriteWithEvents } from '../store/event-writer.ts'
import { readChoice } from '../store/outbox.ts'
import type { Database, WebhookRow } from '../store/tables.ts'

/** A webhook as it is stored. Times are ms since the epoch. */
export interface StoredWebhook {
  id: string
  url: string
  types: EventType[] | null
  channels: string[] | null
  enabled: boolean
  disabledReason: DisableReason | null
  /** Its secret, and the one before, which signs too until `previousUntil`; both sealed. */
  secretSealed: string
  previousSealed: string | null
  previousUntil: number
  failingSince: number | null
  createdAt: number
  updatedAt: number
}

/** What the operator can change. */
export type WebhookTraits = Pick<StoredWebhook, 'url' | 'types' | 'channels' | 'enabled'>

export type WebhookStore = ReturnType<typeof createWebhookStore>

/**
 * Creates the store of webhooks in SQL. Every change holds the lock of the log, so that each event is queued
 * either for a webhook as it was before or as it is after.
 */
export function createWebhookStore(database: Database, write: WriteWithEvents) {
  return {
    async byId(id: string): Promise<StoredWebhook | undefined> {
      const row = await database.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst()
      return row && webhookOf(row)
    },

    async all(): Promise<StoredWebhook[]> {
      const rows = await database
        .selectFrom('webhooks')
        .selectAll()
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      return rows.map(webhookOf)
    },

    ...createWebhookChanges(write),
    ...createConditionChanges(database, write),
  }
}

function createWebhookChanges(write: WriteWithEvents) {
  return {
    /** Returns false, with nothing stored, when there are `limit` webhooks already. */
    add: (webhook: StoredWebhook, limit: number): Promise<boolean> =>
      write(async (db) => {
        await lockLog(db)
        const known = await db.selectFrom('webhooks').select('id').execute()
        if (known.length >= limit) return false
        await db.insertInto('webhooks').values(rowOf(webhook)).execute()
        return true
      }),

    /**
     * Changes the traits that are not undefined. A webhook that is enabled starts again: its pending
     * deliveries are attempted at once. Returns undefined when no webhook has this id.
     */
    update: (id: string, traits: Partial<WebhookTraits>, now: number): Promise<StoredWebhook | undefined> =>
      write(async (db) => {
        await lockLog(db)
        const before = await db
          .selectFrom('webhooks')
          .select('enabled')
          .where('id', '=', id)
          .executeTakeFirst()
        if (before === undefined) return undefined
        const isStarted = traits.enabled === true && before.enabled === 0
        const row = await db
          .updateTable('webhooks')
          .set({
            ...traitColumns(traits),
            ...(traits.enabled === undefined ? {} : { disabled_reason: null }),
            ...(isStarted ? { failing_since: null, paused_until: 0 } : {}),
            updated_at: now,
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
        if (isStarted)
          await db
            .updateTable('webhook_lanes')
            .set({ next_at: now, attempts: 0 })
            .where('webhook_id', '=', id)
            .execute()
        return row && webhookOf(row)
      }),

    /** Replaces the secret. Returns undefined when no webhook has this id. */
    replaceSecret: (
      id: string,
      secretSealed: string,
      previousUntil: number,
      now: number,
    ): Promise<StoredWebhook | undefined> =>
      write(async (db) => {
        await lockLog(db)
        const row = await db
          .updateTable('webhooks')
          .set((set) => ({
            previous_sealed: set.ref('secret_sealed'),
            previous_until: previousUntil,
            secret_sealed: secretSealed,
            updated_at: now,
          }))
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
        return row && webhookOf(row)
      }),

    /** Removes a webhook with its deliveries. Returns false when no webhook had this id. */
    remove: (id: string): Promise<boolean> =>
      write(async (db) => {
        await lockLog(db)
        const { numDeletedRows } = await db.deleteFrom('webhooks').where('id', '=', id).executeTakeFirst()
        await db.deleteFrom('webhook_lanes').where('webhook_id', '=', id).execute()
        await db.deleteFrom('webhook_deliveries').where('webhook_id', '=', id).execute()
        return numDeletedRows === 1n
      }),
  }
}

function createConditionChanges(database: Database, write: WriteWithEvents) {
  return {
    /** Notes a failed attempt. Returns since when all attempts have failed. */
    async noteFailure(id: string, now: number): Promise<number> {
      await database
        .updateTable('webhooks')
        .set({ failing_since: now })
        .where('id', '=', id)
        .where('failing_since', 'is', null)
        .execute()
      const row = await database
        .selectFrom('webhooks')
        .select('failing_since')
        .where('id', '=', id)
        .executeTakeFirst()
      return row?.failing_since ?? now
    },

    async noteSuccess(id: string): Promise<void> {
      await database
        .updateTable('webhooks')
        .set({ failing_since: null })
        .where('id', '=', id)
        .where('failing_since', 'is not', null)
        .execute()
    },

    /** Lets no attempt begin before a time, ms since the epoch. */
    async pause(id: string, until: number): Promise<void> {
      await database
        .updateTable('webhooks')
        .set({ paused_until: until })
        .where('id', '=', id)
        .where('paused_until', '<', until)
        .execute()
    },

    /** Disables a webhook, with an event. Returns false when it is disabled already. */
    disable: (id: string, reason: DisableReason, now: number): Promise<boolean> =>
      write(async (db, events) => {
        await lockLog(db)
        const { numUpdatedRows } = await db
          .updateTable('webhooks')
          .set({ enabled: 0, disabled_reason: reason, updated_at: now })
          .where('id', '=', id)
          .where('enabled', '=', 1)
          .executeTakeFirst()
        if (numUpdatedRows !== 1n) return false
        events.push({ type: 'webhook.disabled', at: now, channel: null, data: { webhookId: id, reason } })
        return true
      }),
  }
}

const choiceText = (choice: readonly string[] | null) => (choice === null ? null : JSON.stringify(choice))

function traitColumns({ url, types, channels, enabled }: Partial<WebhookTraits>): Partial<WebhookRow> {
  return {
    ...(url === undefined ? {} : { url }),
    ...(types === undefined ? {} : { types: choiceText(types) }),
    ...(channels === undefined ? {} : { channels: choiceText(channels) }),
    ...(enabled === undefined ? {} : { enabled: Number(enabled) }),
  }
}

function rowOf(webhook: StoredWebhook): WebhookRow {
  return {
    id: webhook.id,
    url: webhook.url,
    types: choiceText(webhook.types),
    channels: choiceText(webhook.channels),
    enabled: Number(webhook.enabled),
    disabled_reason: webhook.disabledReason,
    secret_sealed: webhook.secretSealed,
    previous_sealed: webhook.previousSealed,
    previous_until: webhook.previousUntil,
    failing_since: webhook.failingSince,
    paused_until: 0,
    created_at: webhook.createdAt,
    updated_at: webhook.updatedAt,
  }
}

export function webhookOf(row: WebhookRow): StoredWebhook {
  return {
    id: row.id,
    url: row.url,
    types: readChoice<EventType>(row.types),
    channels: readChoice(row.channels),
    enabled: row.enabled === 1,
    disabledReason: row.disabled_reason as DisableReason | null,
    secretSealed: row.secret_sealed,
    previousSealed: row.previous_sealed,
    previousUntil: row.previous_until,
    failingSince: row.failing_since,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
