import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import {
  changeChannels,
  channelById,
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
} from './channel-record.ts'
import { readCheckpoint } from './checkpoints.ts'
import { deleteUnusedSlates } from './slates.ts'
import type { Database } from './tables.ts'

export type ChannelStore = ReturnType<typeof createChannelStore>

/**
 * Creates the store of channels in SQL. Every change to them also renews the checkpoints that mirrors
 * compare.
 */
export function createChannelStore(database: Database) {
  return {
    ...createChannelQueries(database),
    ...createChannelChanges(database),
    ...createKeyChanges(database),
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

    /** Returns at most `limit` channels in the order of their slugs, starting after the slug `after`. */
    async page(limit: number, after: string | undefined): Promise<Channel[]> {
      let query = channels().orderBy('slug').limit(limit)
      if (after !== undefined) query = query.where('slug', '>', after)
      return (await query.execute()).map(channelOf)
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

function createChannelChanges(database: Database) {
  return {
    /** Returns false when the slug is taken; the channel is then not stored. */
    add: (channel: Channel): Promise<boolean> =>
      changeChannels(database, async (db) => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('channels')
          .values(rowOf(channel))
          .onConflict((conflict) => conflict.column('slug').doNothing())
          .executeTakeFirst()
        return numInsertedOrUpdatedRows === 1n
      }),

    /**
     * Changes the traits that are not undefined. Returns undefined when no channel has this id and one of the
     * expected versions.
     */
    update: (id: string, traits: Partial<ChannelTraits>, now: number, expected?: ExpectedVersions) =>
      changeChannels(database, async (db): Promise<Channel | undefined> => {
        const { numUpdatedRows } = await db
          .updateTable('channels')
          .set({ ...traitColumns(traits), updated_at: nextVersion(now) })
          .where('id', '=', id)
          .$if(expected !== undefined, (query) => query.where('updated_at', 'in', versionList(expected)))
          .executeTakeFirst()
        return numUpdatedRows === 1n ? channelById(db, id) : undefined
      }),

    /** Returns false when no channel had this id and one of the expected versions. */
    remove: (id: string, expected?: ExpectedVersions): Promise<boolean> =>
      changeChannels(database, async (db) => {
        const { numDeletedRows } = await db
          .deleteFrom('channels')
          .where('id', '=', id)
          .$if(expected !== undefined, (query) => query.where('updated_at', 'in', versionList(expected)))
          .executeTakeFirst()
        await deleteUnusedSlates(db)
        return numDeletedRows === 1n
      }),
  }
}

/** Returns a list for `in`, which Postgres requires to have a member. No version is 0. */
const versionList = (expected: ExpectedVersions) => [0, ...(expected ?? [])]

function createKeyChanges(database: Database) {
  return {
    /**
     * Replaces the key whose hash is `previousHash`. Returns undefined when the channel was removed or has
     * another key by now.
     */
    replaceKey: (id: string, previousHash: string, key: StoredKey, now: number) =>
      changeChannels(database, async (db): Promise<Channel | undefined> => {
        const { numUpdatedRows } = await db
          .updateTable('channels')
          .set({ key_hash: key.keyHash, key_sealed: key.keySealed, updated_at: nextVersion(now) })
          .where('id', '=', id)
          .where('key_hash', '=', previousHash)
          .executeTakeFirst()
        return numUpdatedRows === 1n ? channelById(db, id) : undefined
      }),

    /**
     * Revokes the channel's playback tokens issued at `until` (ms since the epoch) or before. A time before
     * that of an earlier revocation changes nothing. Returns undefined when no channel has this id.
     */
    revokeTokens: (id: string, until: number): Promise<Channel | undefined> =>
      changeChannels(database, async (db) => {
        await db
          .updateTable('channels')
          .set({ tokens_revoked_until: until })
          .where('id', '=', id)
          .where('tokens_revoked_until', '<', until)
          .execute()
        return channelById(db, id)
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
