import type { Database } from './tables.ts'

/** Creates the removal of old sessions from the history. Live sessions are never removed. */
export function createSessionRemoval(database: Database) {
  /** Returns the number of removed sessions. */
  async function remove(rows: readonly { id: string }[]): Promise<number> {
    if (rows.length === 0) return 0
    const ids = rows.map(({ id }) => id)
    const { numDeletedRows } = await database.deleteFrom('sessions').where('id', 'in', ids).executeTakeFirst()
    return Number(numDeletedRows)
  }

  return {
    /** Removes up to `limit` sessions that ended before a time, ms since the epoch. Returns their number. */
    async removeEndedBefore(time: number, limit: number): Promise<number> {
      const rows = await database
        .selectFrom('sessions')
        .select('id')
        // A session that ended before this time also started before it, and there is an index on the start.
        .where('started_at', '<', time)
        .where('ended_at', '<', time)
        .orderBy('started_at')
        .limit(limit)
        .execute()
      return remove(rows)
    },

    /**
     * Removes up to `limit` ended sessions of one slug, those beyond its newest `kept`. Each call chooses one
     * slug that has more than `kept` sessions, and not only live ones. Returns the number of removed
     * sessions; 0 when there is no such slug.
     */
    async removeBeyond(kept: number, limit: number): Promise<number> {
      const full = await database
        .selectFrom('sessions')
        .select('slug')
        .groupBy('slug')
        .having((group) => group.fn.countAll<number | string>(), '>', kept)
        .having((group) => group.fn.count<number | string>('ended_at'), '>', 0)
        .limit(1)
        .executeTakeFirst()
      if (full === undefined) return 0
      const rows = await database
        .selectFrom('sessions')
        .select(['id', 'ended_at'])
        .where('slug', '=', full.slug)
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .offset(kept)
        .limit(limit)
        .execute()
      return remove(rows.filter(({ ended_at }) => ended_at !== null))
    },
  }
}
