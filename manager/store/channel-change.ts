import { sql } from 'kysely'
import type { EventType } from '../../core/api/event.ts'
import { type Channel, channelOf, selectChannels } from './channel-record.ts'
import { renewCheckpoint } from './checkpoints.ts'
import type { EventDraft, WriteWithEvents } from './event-writer.ts'
import { rulesMark } from './playback-rules.ts'
import type { Database } from './tables.ts'

/**
 * Returns the value of `updated_at` for a change at `now`, ms since the epoch. It is later than that of the
 * previous change even if clocks of managers differ, so that it identifies a version.
 */
export const nextVersion = (now: number) =>
  sql<number>`case when updated_at >= ${now} then updated_at + 1 else ${now} end`

/** Versions (`updated_at`) that may be changed; undefined: any. */
export type ExpectedVersions = readonly number[] | undefined

/** Checkpoint that is renewed with every change to what a key grants, in the same transaction. */
export const grantsMark = 'grants'

/**
 * Runs `work` and, in the same transaction, renews the checkpoints by which mirrors notice changes to
 * channels, and writes the events that `work` adds.
 */
export function changeChannels<T>(
  write: WriteWithEvents,
  work: (db: Database, events: EventDraft[]) => Promise<T>,
): Promise<T> {
  return write(async (transaction, events) => {
    // The checkpoints come first: Postgres locks their rows, so changes of several managers run one after the
    // other. Without that, one could delete a slate that another begins to refer to.
    await renewCheckpoint(transaction, grantsMark)
    await renewCheckpoint(transaction, rulesMark)
    return work(transaction, events)
  })
}

/** Returns an event about a channel that is made now. */
export function channelDraft(
  type: EventType,
  { id, slug }: Pick<Channel, 'id' | 'slug'>,
  data: Record<string, unknown> = {},
): EventDraft {
  return { type, at: Date.now(), channel: { id, slug }, data }
}

export async function channelById(db: Database, id: string): Promise<Channel | undefined> {
  const row = await selectChannels(db).where('id', '=', id).executeTakeFirst()
  return row && channelOf(row)
}
