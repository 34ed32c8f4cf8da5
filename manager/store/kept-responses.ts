import type { Database, KeptResponseRow } from './tables.ts'

/** A request with an idempotency key that is being handled. */
export interface KeyedRun {
  principal: string
  key: string
  /** Digest of the request. Another request with the same key is refused. */
  fingerprint: string
  /** Random id of this run: after its lease another run may have the key. */
  id: string
}

/** What is known about the key of a run: the run's own request, or its response if `status` is not null. */
export interface FormerRun extends KeyedRun {
  status: number | null
  /** JSON object of the headers, and the sealed body. Both are null while `status` is null. */
  headers: string | null
  body: string | null
}

export interface ResponseToKeep {
  status: number
  headers: string
  body: string
}

export type KeptResponseStore = ReturnType<typeof createKeptResponseStore>

/**
 * Creates the store of idempotency keys and the responses to their requests. Times are ms since the epoch.
 */
export function createKeptResponseStore(database: Database) {
  return {
    /**
     * Takes a key for a run until `leaseEndsAt`. Returns undefined when the run has it, otherwise the former
     * run. When several runs begin at once, also at several managers, one gets the key. A run that has not
     * ended when its lease ends, because its manager was killed, does not keep the key from others.
     */
    async begin(run: KeyedRun, now: number, leaseEndsAt: number): Promise<FormerRun | undefined> {
      const fields = { ...rowOf(run), ends_at: leaseEndsAt }
      const { principal: _, key: __, ...replaced } = fields
      const { numInsertedOrUpdatedRows } = await database
        .insertInto('kept_responses')
        .values(fields)
        .onConflict((conflict) =>
          conflict
            .columns(['principal', 'key'])
            .doUpdateSet(replaced)
            .where('kept_responses.ends_at', '<=', now),
        )
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows === 1n) return undefined
      const row = await database
        .selectFrom('kept_responses')
        .selectAll()
        .where('principal', '=', run.principal)
        .where('key', '=', run.key)
        .executeTakeFirst()
      // Without a row, the former run was removed meanwhile; a later request gets the key.
      return row === undefined ? { ...run, status: null, headers: null, body: null } : runOf(row)
    },

    /** Keeps the response of a run until `endsAt`, unless another run has the key by now. */
    async keep({ id }: KeyedRun, { status, headers, body }: ResponseToKeep, endsAt: number): Promise<void> {
      await database
        .updateTable('kept_responses')
        .set({ status, headers, body, ends_at: endsAt })
        .where('run', '=', id)
        .execute()
    },

    /** Frees the key of a run, so that the next request with it is handled. */
    async free({ id }: KeyedRun): Promise<void> {
      await database.deleteFrom('kept_responses').where('run', '=', id).execute()
    },

    /**
     * Removes up to `limit` keys whose time has ended, and as many whose responses are beyond the newest
     * `kept`. Returns their number.
     */
    async sweep(now: number, kept: number, limit: number): Promise<number> {
      const keys = database.selectFrom('kept_responses').select('run').orderBy('ends_at', 'desc').limit(limit)
      const ended = await keys.where('ends_at', '<=', now).execute()
      const excess = await keys.where('status', 'is not', null).offset(kept).execute()
      const runs = new Set([...ended, ...excess].map(({ run }) => run))
      if (runs.size > 0)
        await database
          .deleteFrom('kept_responses')
          .where('run', 'in', [...runs])
          .execute()
      return runs.size
    },
  }
}

const rowOf = ({ principal, key, fingerprint, id }: KeyedRun): Omit<KeptResponseRow, 'ends_at'> => ({
  ...{ principal, key, fingerprint, run: id },
  ...{ status: null, headers: null, body: null },
})

const runOf = ({ principal, key, fingerprint, run, status, headers, body }: KeptResponseRow): FormerRun => ({
  ...{ principal, key, fingerprint, id: run },
  ...{ status, headers, body },
})
