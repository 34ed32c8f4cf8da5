import { keptAfterExpiryMs, type PlaybackRules } from '../../core/contracts/playback-rules.ts'
import { readCheckpoint, renewCheckpoint } from './checkpoints.ts'
import type { WriteWithEvents } from './event-writer.ts'
import type { Database } from './tables.ts'

/** Checkpoint that is renewed with every change to the playback rules, in the same transaction. */
export const rulesMark = 'playback-rules'

export type PlaybackRuleStore = ReturnType<typeof createPlaybackRuleStore>

/**
 * Creates the store of what edges need to know: signed channels and revoked tokens. Times are ms since the
 * epoch.
 */
export function createPlaybackRuleStore(database: Database, write: WriteWithEvents) {
  return {
    /**
     * Revokes one token until it expires. Returns false when `limit` other tokens are revoked already.
     * Deletes revocations of tokens that have expired long ago; those of all expired ones when there is no
     * room.
     */
    revoke: (id: string, channelId: string, endsAt: number, now: number, limit: number): Promise<boolean> =>
      write(async (db, events) => {
        await deleteExpired(db, now - keptAfterExpiryMs)
        if ((await countOthers(db, id)) >= limit) await deleteExpired(db, now)
        if ((await countOthers(db, id)) >= limit) return false
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('revoked_tokens')
          .values({ id, channel_id: channelId, ends_at: endsAt })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst()
        await renewCheckpoint(db, rulesMark)
        const channel = await db
          .selectFrom('channels')
          .select(['id', 'slug'])
          .where('id', '=', channelId)
          .executeTakeFirst()
        if (channel && numInsertedOrUpdatedRows === 1n)
          events.push({ type: 'token.revoked', at: now, channel, data: { tokenId: id } })
        return true
      }),

    async rules(now: number): Promise<PlaybackRules> {
      const channels = await database
        .selectFrom('channels')
        .select(['slug', 'id', 'tokens_revoked_until'])
        .where('playback', '=', 'signed')
        .execute()
      const tokens = await database
        .selectFrom('revoked_tokens')
        .select(['id', 'ends_at'])
        .where('ends_at', '>=', now - keptAfterExpiryMs)
        .execute()
      return {
        signed: Object.fromEntries(
          channels.map(({ slug, id, tokens_revoked_until }) => [
            slug,
            { channelId: id, revokedUntil: tokens_revoked_until },
          ]),
        ),
        revoked: Object.fromEntries(tokens.map(({ id, ends_at }) => [id, ends_at])),
      }
    },

    /** Returns a value that changes whenever `rules` may have changed; undefined before the first change. */
    version: () => readCheckpoint(database, rulesMark),
  }
}

/** Deletes the revocations of tokens that expired before `time`. */
const deleteExpired = (db: Database, time: number) =>
  db.deleteFrom('revoked_tokens').where('ends_at', '<', time).execute()

/** Returns the number of revoked tokens without that with an id. */
async function countOthers(db: Database, id: string): Promise<number> {
  const { count } = await db
    .selectFrom('revoked_tokens')
    .select((each) => each.fn.countAll<number | string>().as('count'))
    .where('id', '!=', id)
    .executeTakeFirstOrThrow()
  return Number(count)
}
