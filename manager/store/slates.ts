import type { SlateMediaType } from '../../core/contracts/slate-file.ts'
import { changeChannels, channelById, channelDraft, nextVersion } from './channel-change.ts'
import type { Channel, Slate } from './channel-record.ts'
import type { EventDraft, WriteWithEvents } from './event-writer.ts'
import type { Database } from './tables.ts'

/** A slate with its file. */
export interface SlateFile extends Slate {
  content: Buffer
}

export type SlateStore = ReturnType<typeof createSlateStore>

/**
 * Creates the store of slates in SQL. Channels with the same file share one row, which is deleted with the
 * last reference.
 */
export function createSlateStore(database: Database, write: WriteWithEvents) {
  const files = () =>
    database.selectFrom('slates').select(['slates.sha256', 'media_type', 'bytes', 'content'])
  return {
    /** Sets the slate of a channel. Returns undefined when no channel has this id. */
    put: (channelId: string, file: SlateFile, now: number): Promise<Channel | undefined> =>
      changeChannels(write, async (db, events) => {
        const { sha256, mediaType, bytes, content } = file
        await db
          .insertInto('slates')
          .values({ sha256, media_type: mediaType, bytes, content: content.toString('base64') })
          .onConflict((conflict) => conflict.column('sha256').doNothing())
          .execute()
        return refer(db, events, { channelId, slate: sha256, now })
      }),

    /**
     * Removes the slate of a channel. Returns undefined when no channel has this id, or when its slate is
     * none of those expected.
     */
    remove: (channelId: string, now: number, expected?: readonly string[]): Promise<Channel | undefined> =>
      changeChannels(write, (db, events) => refer(db, events, { channelId, slate: null, now }, expected)),

    /** Returns the slate of a channel; undefined when it has no slate. */
    async ofChannel(channelId: string): Promise<SlateFile | undefined> {
      const query = files().innerJoin('channels', 'channels.slate', 'slates.sha256')
      return fileOf(await query.where('channels.id', '=', channelId).executeTakeFirst())
    },

    /** Returns the slate whose file has this SHA-256, lower-case hex; undefined when no channel has it. */
    async bySha256(sha256: string): Promise<SlateFile | undefined> {
      return fileOf(await files().where('sha256', '=', sha256).executeTakeFirst())
    },
  }
}

/** Deletes the slates that no channel refers to. Must run in a transaction of `changeChannels`. */
export async function deleteUnusedSlates(db: Database): Promise<void> {
  const used = db.selectFrom('channels').select('slate').where('slate', 'is not', null)
  await db.deleteFrom('slates').where('sha256', 'not in', used.$castTo<{ slate: string }>()).execute()
}

async function refer(
  db: Database,
  events: EventDraft[],
  { channelId, slate, now }: { channelId: string; slate: string | null; now: number },
  expected?: readonly string[],
) {
  const { numUpdatedRows } = await db
    .updateTable('channels')
    .set({ slate, updated_at: nextVersion(now) })
    .where('id', '=', channelId)
    // Postgres requires a member, and no slate is empty text.
    .$if(expected !== undefined, (query) => query.where('slate', 'in', ['', ...(expected ?? [])]))
    .executeTakeFirst()
  await deleteUnusedSlates(db)
  const channel = numUpdatedRows === 1n ? await channelById(db, channelId) : undefined
  if (channel)
    events.push(channelDraft('channel.updated', channel, { changed: ['slate'], slate: channel.slate }))
  return channel
}

function fileOf(row?: { sha256: string; media_type: string; bytes: number; content: string }) {
  if (row === undefined) return undefined
  const { sha256, media_type, bytes, content } = row
  return { sha256, mediaType: media_type as SlateMediaType, bytes, content: Buffer.from(content, 'base64') }
}
