import type { EventType } from '../../core/api/event.ts'
import { newEventId } from '../../core/contracts/ids.ts'
import { queueDeliveries } from './outbox.ts'
import type { Database, EventRow } from './tables.ts'

/** An event that is to be written. */
export interface EventDraft {
  type: EventType
  /** When it happened, ms since the epoch. */
  at: number
  channel: { id: string; slug: string } | null
  /** More about it, without secrets. */
  data: Record<string, unknown>
  /** Identifies what the event is made from: a second draft with the same key is not written. */
  key?: string
}

/**
 * Runs `work` in a transaction and, at its end, writes the events that `work` added to `events`. Rejects,
 * with nothing written, when either fails.
 */
export type WriteWithEvents = <T>(work: (db: Database, events: EventDraft[]) => Promise<T>) => Promise<T>

/** Name of the counter with the newest position. */
export const logCounter = 'log'
/** Maximum size of the data of one event, bytes of JSON. */
const maxDataBytes = 16_000

/**
 * Creates the function that runs every transaction with events. `onWritten` is called after the transaction
 * when events may have been written.
 */
export function createEventWriter(
  database: Database,
  onWritten: () => void,
  now: () => number = Date.now,
): WriteWithEvents {
  return async (work) => {
    const drafts: EventDraft[] = []
    const result = await database.transaction().execute(async (db) => {
      const result = await work(db, drafts)
      // The events come last. The lock that they take is then held for a short time only, and as no other
      // lock follows, transactions cannot wait for each other in a circle.
      if (drafts.length > 0) await writeEvents(db, drafts, now())
      return result
    })
    if (drafts.length > 0) onWritten()
    return result
  }
}

async function writeEvents(db: Database, drafts: readonly EventDraft[], writtenAt: number): Promise<void> {
  const last = await lockLog(db)
  const fresh = await withoutKnown(db, drafts)
  if (fresh.length === 0) return
  const sequenceOf = await takeSequences(db, fresh)
  const rows = fresh.map((draft, index): EventRow => {
    const { type, at, channel, data, key } = draft
    return {
      position: last + index + 1,
      id: newEventId(),
      unique_key: key ?? null,
      type,
      at: Math.round(at),
      written_at: writtenAt,
      channel_id: channel?.id ?? null,
      slug: channel?.slug ?? null,
      sequence: sequenceOf(draft),
      data: boundedJson(data),
    }
  })
  await db.insertInto('events').values(rows).execute()
  await queueDeliveries(db, rows, writtenAt)
  await db
    .updateTable('event_counters')
    .set({ value: last + rows.length })
    .where('name', '=', logCounter)
    .execute()
}

/**
 * Locks the log until the transaction ends. Returns the newest position. A position is thus visible only
 * after all smaller ones are: a reader that continues after a position misses none. A sequence of the
 * database would not do, because transactions commit in another order than they take numbers.
 */
export async function lockLog(db: Database): Promise<number> {
  const { value } = await db
    .insertInto('event_counters')
    .values({ name: logCounter, value: 0 })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((set) => ({ value: set.ref('event_counters.value') })),
    )
    .returning('value')
    .executeTakeFirstOrThrow()
  return value
}

/** Returns the drafts whose events are not in the log yet, each key once. */
async function withoutKnown(db: Database, drafts: readonly EventDraft[]): Promise<EventDraft[]> {
  const keys = drafts.flatMap(({ key }) => (key === undefined ? [] : [key]))
  const rows =
    keys.length === 0
      ? []
      : await db.selectFrom('events').select('unique_key').where('unique_key', 'in', keys).execute()
  const known = new Set(rows.map(({ unique_key }) => unique_key))
  return drafts.filter(({ key }) => {
    if (key === undefined) return true
    if (known.has(key)) return false
    known.add(key)
    return true
  })
}

/**
 * Takes numbers for the events of each channel. The returned function numbers them in the order of its calls.
 */
async function takeSequences(db: Database, drafts: readonly EventDraft[]) {
  const counts = new Map<string, number>()
  for (const { channel } of drafts) if (channel) counts.set(channel.id, (counts.get(channel.id) ?? 0) + 1)
  const newest = new Map<string, number>()
  for (const [name, count] of counts) {
    const { value } = await db
      .insertInto('event_counters')
      .values({ name, value: count })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet((set) => ({ value: set('event_counters.value', '+', count) })),
      )
      .returning('value')
      .executeTakeFirstOrThrow()
    newest.set(name, value - count)
  }
  return ({ channel }: EventDraft): number | null => {
    if (channel === null) return null
    const sequence = (newest.get(channel.id) ?? 0) + 1
    newest.set(channel.id, sequence)
    return sequence
  }
}

/** Returns the data as JSON. Data that is too large is left out: readers find it with another call. */
function boundedJson(data: Record<string, unknown>): string {
  const json = JSON.stringify(data)
  return Buffer.byteLength(json) > maxDataBytes ? '{"omitted":true}' : json
}
