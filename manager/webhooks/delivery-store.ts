import { sql } from 'kysely'
import { eventOf, type StoredEvent } from '../store/events.ts'
import type { Database } from '../store/tables.ts'
import { type DeliveryTry, deliveryOf, type StoredDelivery } from './stored-delivery.ts'
import { type StoredWebhook, webhookOf } from './webhook-store.ts'

/** A place where deliveries follow one another. */
export interface Lane {
  webhookId: string
  lane: string
}

/** A lane whose first delivery may be attempted, since `dueAt` (ms since the epoch). */
interface DueLane extends Lane {
  dueAt: number
}

/**
 * The right of one process to work on a lane until a time, with the first pending delivery of the lane.
 * `until` also identifies the lease.
 */
export interface Lease extends Lane {
  until: number
  /** Number of failed attempts of the delivery. */
  attempts: number
  webhook: StoredWebhook
  delivery: StoredDelivery
  /** Undefined: the event was removed from the log before it was delivered. */
  event: StoredEvent | undefined
}

/** What becomes of a delivery after an attempt. `retry`: it is attempted again at `nextAt`. */
export type Verdict = { state: 'delivered' | 'failed' } | { state: 'retry'; nextAt: number; attempts: number }

/** Maximum number of attempts that are kept of a delivery. Resent ones have few. */
const maxTries = 20

export type DeliveryStore = ReturnType<typeof createDeliveryStore>

/** Creates the store of deliveries in SQL. It alone decides what is delivered, and when. */
export function createDeliveryStore(database: Database) {
  return { ...createDueQueries(database), ...createLeases(database), ...createSettling(database) }
}

function createDueQueries(database: Database) {
  return {
    /**
     * Returns lanes whose first delivery may be attempted now: of each webhook at most `perWebhook`, less
     * those on which managers work already.
     */
    async due(now: number, perWebhook: number): Promise<DueLane[]> {
      const rows = await database
        .selectFrom((from) =>
          from
            .selectFrom('webhook_lanes')
            .innerJoin('webhooks', 'webhooks.id', 'webhook_lanes.webhook_id')
            .select(['webhook_lanes.webhook_id', 'lane', 'next_at', 'leased_until'])
            .select(
              sql<number>`row_number() over (partition by webhook_lanes.webhook_id order by next_at)`.as(
                'place',
              ),
            )
            .where('webhooks.enabled', '=', 1)
            .where('webhooks.paused_until', '<=', now)
            .where('webhook_lanes.next_at', '<=', now)
            .where('webhook_lanes.leased_until', '<=', now)
            .as('due_lanes'),
        )
        .selectAll()
        .where('place', '<=', perWebhook)
        .execute()
      if (rows.length === 0) return []
      const busy = await database
        .selectFrom('webhook_lanes')
        .select('webhook_id')
        .select((each) => each.fn.countAll<number | string>().as('count'))
        .where('leased_until', '>', now)
        .groupBy('webhook_id')
        .execute()
      const busyOf = new Map(busy.map(({ webhook_id, count }) => [webhook_id, Number(count)]))
      return rows
        .filter(({ webhook_id, place }) => Number(place) <= perWebhook - (busyOf.get(webhook_id) ?? 0))
        .map(({ webhook_id: webhookId, lane, next_at, leased_until }) => ({
          webhookId,
          lane,
          dueAt: Math.max(next_at, leased_until),
        }))
    },
  }
}

function createLeases(database: Database) {
  const pending = ({ webhookId, lane }: Lane) =>
    database
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('webhook_id', '=', webhookId)
      .where('lane', '=', lane)
      .where('state', '=', 'pending')
      .orderBy('position')
      .orderBy('id')
      .limit(1)

  return {
    /**
     * Leases a lane that is due until `until`. Returns undefined when it is not due, another process works on
     * it, its webhook is disabled or paused, or it has no delivery.
     */
    async lease(place: Lane, now: number, until: number): Promise<Lease | undefined> {
      const { webhookId, lane } = place
      const leased = await database
        .updateTable('webhook_lanes')
        .set({ leased_until: until })
        .where('webhook_id', '=', webhookId)
        .where('lane', '=', lane)
        .where('next_at', '<=', now)
        .where('leased_until', '<=', now)
        .returning('attempts')
        .executeTakeFirst()
      if (leased === undefined) return undefined
      const webhook = await database
        .selectFrom('webhooks')
        .selectAll()
        .where('id', '=', webhookId)
        .where('enabled', '=', 1)
        .where('paused_until', '<=', now)
        .executeTakeFirst()
      const row = webhook && (await pending(place).executeTakeFirst())
      if (webhook === undefined || row === undefined) {
        await release(database, { ...place, until }, row === undefined && webhook !== undefined)
        return undefined
      }
      const event = await database
        .selectFrom('events')
        .selectAll()
        .where('position', '=', row.position)
        .executeTakeFirst()
      return {
        ...place,
        until,
        attempts: leased.attempts,
        webhook: webhookOf(webhook),
        delivery: deliveryOf(row),
        event: event && eventOf(event),
      }
    },

    /** Extends a lease until a time, if this process still has it. */
    async renew(lease: Lease, until: number): Promise<void> {
      const { numUpdatedRows } = await database
        .updateTable('webhook_lanes')
        .set({ leased_until: until })
        .where('webhook_id', '=', lease.webhookId)
        .where('lane', '=', lease.lane)
        .where('leased_until', '=', lease.until)
        .executeTakeFirst()
      if (numUpdatedRows === 1n) lease.until = until
    },

    /** Returns a lease without an attempt, so that the lane is due again. */
    release: (lease: Pick<Lease, 'webhookId' | 'lane' | 'until'>) => release(database, lease, false),
  }
}

async function release(
  database: Database,
  { webhookId, lane, until }: Pick<Lease, 'webhookId' | 'lane' | 'until'>,
  isEmpty: boolean,
): Promise<void> {
  await database.transaction().execute(async (db) => {
    const held = await db
      .updateTable('webhook_lanes')
      .set({ leased_until: 0 })
      .where('webhook_id', '=', webhookId)
      .where('lane', '=', lane)
      .where('leased_until', '=', until)
      .executeTakeFirst()
    if (isEmpty && held.numUpdatedRows === 1n) await removeIfEmpty(db, { webhookId, lane })
  })
}

/**
 * Removes a lane without pending deliveries. Returns false when it has one. The transaction holds its row.
 */
async function removeIfEmpty(db: Database, { webhookId, lane }: Lane): Promise<boolean> {
  const next = await db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('webhook_id', '=', webhookId)
    .where('lane', '=', lane)
    .where('state', '=', 'pending')
    .limit(1)
    .executeTakeFirst()
  if (next !== undefined) return false
  await db.deleteFrom('webhook_lanes').where('webhook_id', '=', webhookId).where('lane', '=', lane).execute()
  return true
}

function createSettling(database: Database) {
  return {
    /**
     * Writes the outcome of an attempt and returns the lease. Resolves with true when the lane has another
     * delivery that is due.
     */
    settle: (
      lease: Lease,
      attempt: DeliveryTry | undefined,
      verdict: Verdict,
      now: number,
    ): Promise<boolean> =>
      database.transaction().execute(async (db) => {
        const { webhookId, lane, until, delivery } = lease
        const isOver = verdict.state !== 'retry'
        // The lane comes first: its lock keeps a delivery from being added while the lane is removed as
        // empty.
        const { numUpdatedRows } = await db
          .updateTable('webhook_lanes')
          .set({
            leased_until: 0,
            next_at: verdict.state === 'retry' ? verdict.nextAt : now,
            attempts: verdict.state === 'retry' ? verdict.attempts : 0,
          })
          .where('webhook_id', '=', webhookId)
          .where('lane', '=', lane)
          .where('leased_until', '=', until)
          .executeTakeFirst()
        const tries = [...delivery.tries, ...(attempt ? [attempt] : [])].slice(-maxTries)
        await db
          .updateTable('webhook_deliveries')
          .set({
            tries: JSON.stringify(tries),
            ...(verdict.state === 'retry' ? {} : { state: verdict.state, ended_at: now }),
          })
          .where('id', '=', delivery.id)
          // Another process may have ended it, if this one lost its lease.
          .where('state', '=', 'pending')
          .execute()
        return isOver && numUpdatedRows === 1n && !(await removeIfEmpty(db, lease))
      }),
  }
}
