import type { AccountDatabase, AuditRow } from './tables.ts'

/** One line of the audit log. It contains no secret. */
export interface AuditEntry {
  id: string
  /** Time of the request, ms since the epoch. */
  at: number
  /** `admin-token`, `anonymous`, or the id of an account. */
  actor: string
  /** Name of the actor at that time. */
  actorName: string
  /** API token that was used; null: none. */
  tokenId: string | null
  action: string
  /** What was changed, such as `channels/show`. */
  target: string
  /** Fields that changed, with their previous and new values. */
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  /** Status of the response. */
  status: number
  requestId: string
  address: string
}

export interface AuditFilter {
  actor?: string | undefined
  target?: string | undefined
}

/** Place of a line in the list, which is ordered newest first. */
export interface AuditPlace {
  at: number
  id: string
}

export type AuditStore = ReturnType<typeof createAuditStore>

/** Creates the audit log in SQL. Lines are added and, when they are old, removed; they never change. */
export function createAuditStore(database: AccountDatabase) {
  return {
    async add(entry: AuditEntry): Promise<void> {
      await database
        .insertInto('audit')
        .values({
          id: entry.id,
          at: entry.at,
          actor: entry.actor,
          actor_name: entry.actorName,
          token_id: entry.tokenId,
          action: entry.action,
          target: entry.target,
          before: entry.before === null ? null : JSON.stringify(entry.before),
          after: entry.after === null ? null : JSON.stringify(entry.after),
          status: entry.status,
          request_id: entry.requestId,
          address: entry.address,
        })
        .execute()
    },

    /** Returns at most `limit` lines, newest first, starting after the place `after`. */
    async page({ actor, target }: AuditFilter, limit: number, after?: AuditPlace): Promise<AuditEntry[]> {
      let query = database
        .selectFrom('audit')
        .selectAll()
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (actor !== undefined) query = query.where('actor', '=', actor)
      if (target !== undefined) query = query.where('target', '=', target)
      if (after !== undefined)
        query = query.where((where) =>
          where.or([
            where('at', '<', after.at),
            where.and([where('at', '=', after.at), where('id', '<', after.id)]),
          ]),
        )
      return (await query.execute()).map(entryOf)
    },

    /** Removes up to `limit` lines from before a time. Returns their number. */
    async removeBefore(time: number, limit: number): Promise<number> {
      const old = await database
        .selectFrom('audit')
        .select('id')
        .where('at', '<', time)
        .orderBy('at')
        .limit(limit)
        .execute()
      return remove(old)
    },

    /** Removes up to `limit` of the lines beyond the newest `kept`. Returns their number. */
    async removeBeyond(kept: number, limit: number): Promise<number> {
      const excess = await database
        .selectFrom('audit')
        .select('id')
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .offset(kept)
        .limit(limit)
        .execute()
      return remove(excess)
    },
  }

  async function remove(rows: readonly { id: string }[]): Promise<number> {
    if (rows.length === 0) return 0
    const ids = rows.map(({ id }) => id)
    const { numDeletedRows } = await database.deleteFrom('audit').where('id', 'in', ids).executeTakeFirst()
    return Number(numDeletedRows)
  }
}

const fieldsOf = (json: string | null) =>
  json === null ? null : (JSON.parse(json) as Record<string, unknown>)

const entryOf = (row: AuditRow): AuditEntry => ({
  id: row.id,
  at: row.at,
  actor: row.actor,
  actorName: row.actor_name,
  tokenId: row.token_id,
  action: row.action,
  target: row.target,
  before: fieldsOf(row.before),
  after: fieldsOf(row.after),
  status: row.status,
  requestId: row.request_id,
  address: row.address,
})
