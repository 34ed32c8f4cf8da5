import type { EventType } from '../../core/api/event.ts'
import { type EventDraft, logCounter, type WriteWithEvents } from './event-writer.ts'
import type { Database, EventRow } from './tables.ts'

/** An event in the log. `at` is ms since the epoch. */
export interface StoredEvent {
  position: number
  id: string
  type: EventType
  at: number
  channelId: string | null
  slug: string | null
  sequence: number | null
  data: Record<string, unknown>
}

/** Which events a reader wants; all when nothing is set. */
export interface EventFilter {
  types?: readonly EventType[] | undefined
  slug?: string | undefined
}

export type EventStore = ReturnType<typeof createEventStore>

/** Creates the store of the log of events. Other stores write most events, with `write`. */
export function createEventStore(database: Database, write: WriteWithEvents) {
  return {
    ...createEventQueries(database),
    ...createEventRemoval(database),

    /** Writes an event that belongs to no other change in the database. */
    record: (draft: EventDraft): Promise<void> =>
      write(async (_, events) => {
        events.push(draft)
      }),
  }
}

function createEventQueries(database: Database) {
  const pageOf = (limit: number, after: number) =>
    database.selectFrom('events').selectAll().where('position', '>', after).orderBy('position').limit(limit)

  return {
    /** Returns the position of the newest event that was ever written; 0 when there was no event. */
    newest: () => newestPosition(database),

    /** Returns the number of events after a position that are no longer in the log. */
    async missedAfter(position: number): Promise<number> {
      const oldest = (await oldestPosition(database)) ?? (await newestPosition(database)) + 1
      return Math.max(0, oldest - 1 - position)
    },

    /** Returns at most `limit` events after a position, the oldest first. */
    async page({ types, slug }: EventFilter, limit: number, after: number): Promise<StoredEvent[]> {
      if (types === undefined || slug !== undefined) {
        let query = pageOf(limit, after)
        if (slug !== undefined) query = query.where('slug', '=', slug)
        if (types !== undefined) query = query.where('type', 'in', types)
        return (await query.execute()).map(eventOf)
      }
      // One query for each type reads its index in order. One for all types would sort all their events, or
      // read the whole log for a rare type. A writer may commit between two of the queries, so none goes
      // beyond what is visible to all of them.
      const newest = await newestPosition(database)
      const pages = await Promise.all(
        types.map((type) =>
          pageOf(limit, after).where('type', '=', type).where('position', '<=', newest).execute(),
        ),
      )
      const rows = pages.flat().toSorted((a, b) => a.position - b.position)
      return rows.slice(0, limit).map(eventOf)
    },
  }
}

function createEventRemoval(database: Database) {
  const oldest = (limit: number) =>
    database.selectFrom('events').select(['position', 'written_at']).orderBy('position').limit(limit)

  async function removeUpTo(position: number): Promise<number> {
    const { numDeletedRows } = await database
      .deleteFrom('events')
      .where('position', '<=', position)
      .executeTakeFirst()
    return Number(numDeletedRows)
  }

  return {
    /**
     * Removes up to `limit` events that were written before a time, ms since the epoch. Returns their number.
     */
    async removeWrittenBefore(time: number, limit: number): Promise<number> {
      const rows = await oldest(limit).execute()
      const kept = rows.findIndex(({ written_at }) => written_at >= time)
      const last = rows.at(kept < 0 ? rows.length - 1 : kept - 1)
      return last === undefined || kept === 0 ? 0 : removeUpTo(last.position)
    },

    /** Removes up to `limit` events, those beyond the newest `kept`. Returns their number. */
    async removeBeyond(kept: number, limit: number): Promise<number> {
      const newest = await newestPosition(database)
      const first = await oldestPosition(database)
      if (first === undefined) return 0
      const last = Math.min(newest - kept, first + limit - 1)
      return last < first ? 0 : removeUpTo(last)
    },

    /** Forgets the sequences of deleted channels without events. */
    async removeUnusedCounters(): Promise<void> {
      await database
        .deleteFrom('event_counters')
        .where('name', '!=', logCounter)
        .where('name', 'not in', database.selectFrom('channels').select('id'))
        .where((where) =>
          where.not(
            where.exists(
              where
                .selectFrom('events')
                .select('position')
                .whereRef('events.channel_id', '=', 'event_counters.name'),
            ),
          ),
        )
        .execute()
    },
  }
}

async function newestPosition(db: Database): Promise<number> {
  const row = await db
    .selectFrom('event_counters')
    .select('value')
    .where('name', '=', logCounter)
    .executeTakeFirst()
  return row?.value ?? 0
}

/** Returns the position of the oldest event that is in the log; undefined when there is none. */
export async function oldestPosition(db: Database): Promise<number | undefined> {
  const row = await db.selectFrom('events').select('position').orderBy('position').limit(1).executeTakeFirst()
  return row?.position
}

export function eventOf(row: EventRow): StoredEvent {
  return {
    position: row.position,
    id: row.id,
    type: row.type as EventType,
    at: row.at,
    channelId: row.channel_id,
    slug: row.slug,
    sequence: row.sequence,
    data: JSON.parse(row.data) as Record<string, unknown>,
  }
}
