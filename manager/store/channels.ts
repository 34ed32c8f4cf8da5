import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import {
  changeChannels,
  channelById,
  channelDraft,
  type ExpectedVersions,
  grantsMark,
  nextVersion,
} from './channel-change.ts'
import {
  type Channel,
  type ChannelTraits,
  channelOf,
  grantOf,
  rowOf,
  type StoredKey,
  selectChannels,
  traitColumns,
  traitsOf,
} from './channel-record.ts'
import { readCheckpoint } from './checkpoints.ts'
import type { WriteWithEvents } from './event-writer.ts'
import { deleteUnusedSlates } from './slates.ts'
import type { Database } from './tables.ts'

export type ChannelStore = ReturnType<typeof createChannelStore>

/**
 * Creates the store of channels in SQL. Every change to them also renews the checkpoints that mirrors
 * compare, and has an event.
 */
export function createChannelStore(database: Database, write: WriteWithEvents) {
  return {
    ...createChannelQueries(database),
    ...createChannelChanges(write),
    ...createKeyChanges(write),
    ...createGrantQueries(database),
  }
}

function createChannelQueries(database: Database) {
  const channels = () => selectChannels(database)
  // Compiled once, because almost every request of the API reads a channel by its slug.
  const compiledBySlug = channels().where('slug', '=', '').compile()
  return {
    async bySlug(slug: string): Promise<Channel | undefined> {
      const query: typeof compiledBySlug = { ...compiledBySlug, parameters: [slug] }
      const { rows } = await database.executeQuery(query)
      return rows[0] && channelOf(rows[0])
    },

    byId: (id: string): Promise<Channel | undefined> => channelById(database, id),

    /**
     * Returns at most `limit` channels in the order of their slugs, starting after the slug `after`. `ids`:
     * only these channels.
     */
    async page(limit: number, after: string | undefined, ids?: ReadonlySet<string>): Promise<Channel[]> {
      let query = channels().orderBy('slug').limit(limit)
      if (after !== undefined) query = query.where('slug', '>', after)
      if (ids !== undefined) query = query.where('id', 'in', [...ids, ''])
      return (await query.execute()).map(channelOf)
    },

    /** Returns those of the given channels that exist. */
    async byIds(ids: readonly string[]): Promise<Channel[]> {
      return (
        await channels()
          .where('id', 'in', [...ids, ''])
          .execute()
      ).map(channelOf)
    },

    /** Returns those of the given channels that must not be on air: deleted or disabled ones. */
    async withdrawn(ids: readonly string[]): Promise<Set<string>> {
      if (ids.length === 0) return new Set()
      const allowed = await database
        .selectFrom('channels')
        .select('id')
        .where('id', 'in', ids)
        .where('enabled', '=', 1)
        .execute()
      const kept = new Set(allowed.map(({ id }) => id))
      return new Set(ids.filter((id) => !kept.has(id)))
    },
  }
}

function createChannelChanges(write: WriteWithEvents) {
  return {
    /** Returns false when the slug is taken; the channel is then not stored. */
    add: (channel: Channel): Promise<boolean> =>
      changeChannels(write, async (db, events) => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('channels')
          .values(rowOf(channel))
          .onConflict((conflict) => conflict.column('slug').doNothing())
          .executeTakeFirst()
        if (numInsertedOrUpdatedRows !== 1n) return false
        events.push(channelDraft('channel.created', channel, { ...traitsOf(channel) }))
        return true
      }),

    /**
     * Changes the traits that are not undefined. Returns undefined when no channel has this id and one of the
     * expected versions.
     */
    update: (id: string, traits: Partial<ChannelTraits>, now: number, expected?: ExpectedVersions) =>
      changeChannels(write, async (db, events): Promise<Channel | undefined> => {
        const { numUpdatedRows } = await db
          .updateTable('channels')
          .set({ ...traitColumns(traits), updated_at: nextVersion(now) })
          .where('id', '=', id)
          .$if(expected !== undefined, (query) => query.where('updated_at', 'in', versionList(expected)))
          .executeTakeFirst()
        const channel = numUpdatedRows === 1n ? await channelById(db, id) : undefined
        const changed = Object.entries(traits).flatMap(([name, value]) => (value === undefined ? [] : [name]))
        if (channel) events.push(channelDraft('channel.updated', channel, { changed, ...traitsOf(channel) }))
        return channel
      }),

    /** Returns false when no channel had this id and one of the expected versions. */
    remove: (id: string, expected?: ExpectedVersions): Promise<boolean> =>
      changeChannels(write, async (db, events) => {
        const removed = await db
          .deleteFrom('channels')
          .where('id', '=', id)
          .$if(expected !== undefined, (query) => query.where('updated_at', 'in', versionList(expected)))
          .returning(['id', 'slug'])
          .executeTakeFirst()
        if (removed) await db.deleteFrom('channel_roles').where('channel_id', '=', id).execute()
        await deleteUnusedSlates(db)
        if (removed) events.push(channelDraft('channel.deleted', removed))
        return removed !== undefined
      }),
  }
}

/** Returns a list for `in`, which Postgres requires to have a member. No version is 0. */
const versionList = (expected: ExpectedVersions) => [0, ...(expected ?? [])]

function createKeyChanges(write: WriteWithEvents) {
  return {
    /**
     * Replaces the key whose hash is `previousHash`. Returns undefined when the channel was removed or has
     * another key by now.
     */
    replaceKey: (id: string, previousHash: string, key: StoredKey, now: number) =>
      changeChannels(write, async (db, events): Promise<Channel | undefined> => {
        const { numUpdatedRows } = await db
          .updateTable('channels')
          .set({ key_hash: key.keyHash, key_sealed: key.keySealed, updated_at: nextVersion(now) })
          .where('id', '=', id)
          .where('key_hash', '=', previousHash)
          .executeTakeFirst()
        const channel = numUpdatedRows === 1n ? await channelById(db, id) : undefined
        if (channel) events.push(channelDraft('channel.key_rotated', channel))
        return channel
      }),

    /**
     * Revokes the channel's playback tokens issued at `until` (ms since the epoch) or before. A time before
     * that of an earlier revocation changes nothing. Returns undefined when no channel has this id.
     */
    revokeTokens: (id: string, until: number): Promise<Channel | undefined> =>
      changeChannels(write, async (db, events) => {
        const { numUpdatedRows } = await db
          .updateTable('channels')
          .set({ tokens_revoked_until: until })
          .where('id', '=', id)
          .where('tokens_revoked_until', '<', until)
          .executeTakeFirst()
        const channel = await channelById(db, id)
        const issuedBefore = new Date(until).toISOString()
        if (channel && numUpdatedRows === 1n)
          events.push(channelDraft('token.revoked', channel, { tokenId: null, issuedBefore }))
        return channel
      }),
  }
}

function createGrantQueries(database: Database) {
  return {
    /** Returns what the keys of enabled channels grant, by the hash of the key. */
    async grants(): Promise<Map<string, ChannelGrant>> {
      const rows = await selectChannels(database).where('enabled', '=', 1).execute()
      return new Map(rows.map((row) => [row.key_hash, grantOf(channelOf(row))]))
    },

    /** Returns a value that changes whenever `grants` may have changed; undefined before the first change. */
    grantsVersion: () => readCheckpoint(database, grantsMark),
  }
}
