import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import type { Latency } from '../../core/media/latency.ts'
import type { PlaybackMode } from '../../core/playback/playback-mode.ts'
import type { Database } from './database.ts'
import { readMark, renewMark } from './marks.ts'
import { rulesMark } from './playback-rules.ts'
import type { ChannelRow } from './tables.ts'

/** What the operator may change of a channel. */
export interface ChannelTraits {
  title: string
  latency: Latency
  takeover: boolean
  /** A disabled channel refuses every publisher. */
  enabled: boolean
  playback: PlaybackMode
}

/** The stream key as the store holds it: nowhere in clear. */
export interface StoredKey {
  keyHash: string
  keySealed: string
}

export interface Channel extends ChannelTraits, StoredKey {
  id: string
  slug: string
  /** Playback tokens of this time or before are revoked, ms since the epoch; 0: none. */
  tokensRevokedUntil: number
  /** ms since the epoch, as all times here. */
  createdAt: number
  updatedAt: number
}

/** Renewed with every change of what a key grants, in the same transaction. */
const grantsMark = 'grants'

export type ChannelStore = ReturnType<typeof createChannelStore>

/** Channels in SQL. */
export function createChannelStore(database: Database) {
  /** A change of the table and of the marks of what follows from it, together. */
  const change = <T>(work: (db: Database) => Promise<T>) =>
    database.transaction().execute(async (transaction) => {
      const result = await work(transaction)
      await renewMark(transaction, grantsMark)
      await renewMark(transaction, rulesMark)
      return result
    })

  return {
    /** False when the slug is taken. */
    add: (channel: Channel): Promise<boolean> =>
      change(async (db) => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('channels')
          .values(rowOf(channel))
          .onConflict((conflict) => conflict.column('slug').doNothing())
          .executeTakeFirst()
        return numInsertedOrUpdatedRows === 1n
      }),

    async bySlug(slug: string): Promise<Channel | undefined> {
      const row = await database
        .selectFrom('channels')
        .selectAll()
        .where('slug', '=', slug)
        .executeTakeFirst()
      return row && channelOf(row)
    },

    async byId(id: string): Promise<Channel | undefined> {
      const row = await database.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst()
      return row && channelOf(row)
    },

    /** Up to `limit` channels by slug, those after `after`. */
    async page(limit: number, after: string | undefined): Promise<Channel[]> {
      let query = database.selectFrom('channels').selectAll().orderBy('slug').limit(limit)
      if (after !== undefined) query = query.where('slug', '>', after)
      return (await query.execute()).map(channelOf)
    },

    /** The channel as changed; undefined when there is none. */
    update: (id: string, traits: Partial<ChannelTraits>, updatedAt: number): Promise<Channel | undefined> =>
      change(async (db) => {
        const row = await db
          .updateTable('channels')
          .set({ ...traitColumns(traits), updated_at: updatedAt })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
        return row && channelOf(row)
      }),

    /** Revokes the channel's playback tokens of `until` (ms since the epoch) or before; what was revoked stays so. */
    revokeTokens: (id: string, until: number): Promise<Channel | undefined> =>
      change(async (db) => {
        await db
          .updateTable('channels')
          .set({ tokens_revoked_until: until })
          .where('id', '=', id)
          .where('tokens_revoked_until', '<', until)
          .execute()
        const row = await db.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst()
        return row && channelOf(row)
      }),

    /** Replaces the key whose hash is `formerHash`; undefined when the channel went away or has another key by now. */
    replaceKey: (id: string, formerHash: string, key: StoredKey, updatedAt: number) =>
      change(async (db): Promise<Channel | undefined> => {
        const row = await db
          .updateTable('channels')
          .set({ key_hash: key.keyHash, key_sealed: key.keySealed, updated_at: updatedAt })
          .where('id', '=', id)
          .where('key_hash', '=', formerHash)
          .returningAll()
          .executeTakeFirst()
        return row && channelOf(row)
      }),

    /** False when it was gone already. */
    remove: (id: string): Promise<boolean> =>
      change(async (db) => {
        const { numDeletedRows } = await db.deleteFrom('channels').where('id', '=', id).executeTakeFirst()
        return numDeletedRows === 1n
      }),

    /** Which of these channels may not be on air: deleted or disabled. */
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

    /** What every valid key grants, by the key's hash. */
    async grants(): Promise<Map<string, ChannelGrant>> {
      const rows = await database.selectFrom('channels').selectAll().where('enabled', '=', 1).execute()
      return new Map(rows.map((row) => [row.key_hash, grantOf(channelOf(row))]))
    },

    /** Changes whenever `grants` may have changed. */
    grantsVersion: () => readMark(database, grantsMark),
  }
}

/** What the key of a channel grants. */
export function grantOf({ id, slug, latency, takeover }: Channel): ChannelGrant {
  return { channelId: id, slug, latency, takeover }
}

function channelOf(row: ChannelRow): Channel {
  return {
    id: row.id,
    slug: row.slug,
    title: row.title,
    latency: row.latency as Latency,
    takeover: row.takeover === 1,
    enabled: row.enabled === 1,
    playback: row.playback as PlaybackMode,
    tokensRevokedUntil: row.tokens_revoked_until,
    keyHash: row.key_hash,
    keySealed: row.key_sealed,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function rowOf(channel: Channel): ChannelRow {
  return {
    id: channel.id,
    slug: channel.slug,
    title: channel.title,
    latency: channel.latency,
    takeover: Number(channel.takeover),
    enabled: Number(channel.enabled),
    playback: channel.playback,
    tokens_revoked_until: channel.tokensRevokedUntil,
    key_hash: channel.keyHash,
    key_sealed: channel.keySealed,
    created_at: channel.createdAt,
    updated_at: channel.updatedAt,
  }
}

function traitColumns({ title, latency, takeover, enabled, playback }: Partial<ChannelTraits>) {
  return {
    ...(title === undefined ? {} : { title }),
    ...(latency === undefined ? {} : { latency }),
    ...(takeover === undefined ? {} : { takeover: Number(takeover) }),
    ...(enabled === undefined ? {} : { enabled: Number(enabled) }),
    ...(playback === undefined ? {} : { playback }),
  }
}
