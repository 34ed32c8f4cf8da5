import { lockLog, type WriteWithEvents } from '../store/event-writer.ts'
import { oldestPosition } from '../store/events.ts'
import { addDeliveries, chooses, deliveryRow } from '../store/outbox.ts'
import type { Database, DeliveryRow } from '../store/tables.ts'
import { deliveryOf, type StoredDelivery } from './stored-delivery.ts'

/** A delivery's place in the list, which is ordered newest first. */
export interface DeliveryPlace {
  createdAt: number
  id: string
}

/** Number of events that one step of `resendSince` reads. Writers of events wait meanwhile. */
const resendBatch = 500

export type DeliveryLog = ReturnType<typeof createDeliveryLog>

/** Creates the list of past and pending deliveries in SQL, from which events can be sent again. */
export function createDeliveryLog(database: Database, write: WriteWithEvents) {
  return {
    ...createDeliveryQueries(database),
    ...createResending(database, write),
    ...createDeliveryRemoval(database),
  }
}

function createDeliveryQueries(database: Database) {
  return {
    /** Returns at most `limit` deliveries of a webhook, newest first, starting after the place `after`. */
    async page(
      webhookId: string,
      state: DeliveryRow['state'] | undefined,
      limit: number,
      after?: DeliveryPlace,
    ): Promise<StoredDelivery[]> {
      let query = database
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('webhook_id', '=', webhookId)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (state !== undefined) query = query.where('state', '=', state)
      if (after !== undefined)
        query = query.where((where) =>
          where.or([
            where('created_at', '<', after.createdAt),
            where.and([where('created_at', '=', after.createdAt), where('id', '<', after.id)]),
          ]),
        )
      return (await query.execute()).map(deliveryOf)
    },
  }
}

function createResending(database: Database, write: WriteWithEvents) {
  return {
    /**
     * Queues the event of a delivery again, in a lane of its own: it waits for no other event. Returns the
     * new delivery; undefined when the webhook has no such delivery.
     */
    resend: (webhookId: string, deliveryId: string, now: number): Promise<StoredDelivery | undefined> =>
      write(async (db) => {
        await lockLog(db)
        const known = await db
          .selectFrom('webhook_deliveries')
          .selectAll()
          .where('webhook_id', '=', webhookId)
          .where('id', '=', deliveryId)
          .executeTakeFirst()
        if (known === undefined) return undefined
        const event = { ...known, id: known.event_id, channel_id: null }
        const row = deliveryRow(webhookId, event, now)
        const alone = { ...row, lane: row.id }
        await addDeliveries(db, [alone], now)
        return deliveryOf(alone)
      }),

    /**
     * Queues the events that happened at `since` (ms since the epoch) or later and that the webhook chooses,
     * except those that are pending, in the order of the log from after a position on, up to `limit`. Returns
     * their number, and the position after which to continue when there were more.
     */
    async resendSince(webhookId: string, since: number, from: number, limit: number, now: number) {
      const first = await database
        .selectFrom('events')
        .select('position')
        // An event is written after it has happened, so all events since then were written since then.
        .where('written_at', '>=', since)
        .orderBy('written_at')
        .orderBy('position')
        .limit(1)
        .executeTakeFirst()
      const progress = { queued: 0, after: Math.max(from, (first?.position ?? Number.MAX_SAFE_INTEGER) - 1) }
      while (progress.queued < limit) {
        const step = { webhookId, since, after: progress.after, limit: limit - progress.queued, now }
        const { queued, last } = await resendStep(write, step)
        progress.queued += queued
        if (last === undefined) return { queued: progress.queued, continueAfter: undefined }
        progress.after = last
      }
      return { queued: progress.queued, continueAfter: progress.after }
    },
  }
}

interface ResendStep {
  webhookId: string
  since: number
  /** Position after which the step begins. */
  after: number
  limit: number
  now: number
}

/**
 * Queues one batch. Returns its size, and the position up to which it went; undefined at the end of the log.
 */
const resendStep = (write: WriteWithEvents, { webhookId, since, after, limit, now }: ResendStep) =>
  write(async (db) => {
    await lockLog(db)
    const webhook = await db.selectFrom('webhooks').selectAll().where('id', '=', webhookId).executeTakeFirst()
    const events = await db
      .selectFrom('events')
      .select(['position', 'id', 'type', 'channel_id', 'slug', 'at'])
      .where('position', '>', after)
      .orderBy('position')
      .limit(Math.min(resendBatch, limit))
      .execute()
    const last = events.at(-1)?.position
    if (webhook === undefined || last === undefined) return { queued: 0, last: undefined }
    const pending = await db
      .selectFrom('webhook_deliveries')
      .select('position')
      .where('webhook_id', '=', webhookId)
      .where('state', '=', 'pending')
      .where('position', '>', after)
      .where('position', '<=', last)
      .execute()
    const known = new Set(pending.map(({ position }) => position))
    const isChosen = chooses(webhook)
    const rows = events
      .filter((event) => event.at >= since && !known.has(event.position) && isChosen(event))
      .map((event) => deliveryRow(webhookId, event, now))
    await addDeliveries(db, rows, now)
    return { queued: rows.length, last }
  })

function createDeliveryRemoval(database: Database) {
  return {
    /**
     * Removes the deliveries among the oldest `limit` ones that were queued before a time (ms since the
     * epoch), or whose events are no longer in the log. Returns their number.
     */
    async removeOld(time: number, limit: number): Promise<number> {
      const oldest = (await oldestPosition(database)) ?? 0
      const rows = await database
        .selectFrom('webhook_deliveries')
        .select(['id', 'created_at', 'position'])
        .orderBy('created_at')
        .limit(limit)
        .execute()
      const ids = rows
        .filter(({ created_at, position }) => created_at < time || position < oldest)
        .map(({ id }) => id)
      if (ids.length === 0) return 0
      const { numDeletedRows } = await database
        .deleteFrom('webhook_deliveries')
        .where('id', 'in', ids)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
