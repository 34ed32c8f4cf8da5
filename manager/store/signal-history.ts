import { sql } from 'kysely'
import type { Finding, IssueCode } from '../../core/coach/issues/issue.ts'
import { readSample, type SignalSample, writeSample } from '../../core/coach/signal/signal-sample.ts'
import type { Database } from './tables.ts'

/** Length of one step of the history, ms. */
export const stepMs = 10_000
/** Maximum number of steps that one read returns. A longer session is shown in longer steps. */
const maxSteps = 500
/** Maximum number of steps with issues that one read returns: 27 h. Those beyond it are the oldest. */
const maxIssueSteps = 10_000
/** Number of steps that one statement adds. SQLite allows 32,766 parameters in it. */
const addedAtOnce = 100

export interface StoredIssue extends Finding {
  code: IssueCode
}

/** What was measured in one step, and the issues that were present in any of its seconds. */
export interface SignalStep {
  sessionId: string
  /** Start of the step, ms since the epoch: a multiple of `stepMs`. */
  at: number
  sample: SignalSample
  issues: StoredIssue[]
}

export type SignalHistory = ReturnType<typeof createSignalHistory>

/** Creates the store of the signals of sessions: ended ones, and live ones up to a few seconds ago. */
export const createSignalHistory = (database: Database) => ({
  ...createSignalChanges(database),
  ...createSignalQueries(database),
})

function createSignalChanges(database: Database) {
  return {
    /** Adds steps. Those that are there already stay as they are: several managers add the same. */
    async add(steps: readonly SignalStep[]): Promise<void> {
      for (let first = 0; first < steps.length; first += addedAtOnce) {
        const rows = steps.slice(first, first + addedAtOnce).map(({ sessionId, at, sample, issues }) => ({
          session_id: sessionId,
          at,
          sample: writeSample(sample),
          issues: issues.length === 0 ? null : JSON.stringify(issues),
        }))
        await database
          .insertInto('signal_history')
          .values(rows)
          .onConflict((conflict) => conflict.columns(['session_id', 'at']).doNothing())
          .execute()
      }
    },

    /**
     * Removes about `limit` steps before a time, ms since the epoch, the oldest first. Returns their number.
     */
    async removeBefore(time: number, limit: number): Promise<number> {
      const last = await database
        .selectFrom('signal_history')
        .select('at')
        .where('at', '<', time)
        .orderBy('at')
        .offset(limit - 1)
        .limit(1)
        .executeTakeFirst()
      const { numDeletedRows } = await database
        .deleteFrom('signal_history')
        .where('at', '<', time)
        .where('at', '<=', last === undefined ? time : Number(last.at))
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

function createSignalQueries(database: Database) {
  return {
    /** Returns the start of the newest step of a session, ms since the epoch; undefined when it has none. */
    async newest(sessionId: string): Promise<number | undefined> {
      const row = await database
        .selectFrom('signal_history')
        .select((select) => select.fn.max<number | string | null>('at').as('at'))
        .where('session_id', '=', sessionId)
        .executeTakeFirst()
      return row?.at == null ? undefined : Number(row.at)
    },

    /**
     * Returns samples of a session, oldest first, and the time between two of them, ms. A long session has
     * fewer: every n-th step. `spanMs` is its length.
     */
    async samples(sessionId: string, spanMs: number): Promise<{ everyMs: number; samples: SignalSample[] }> {
      const every = Math.max(1, Math.ceil(spanMs / stepMs / maxSteps))
      const rows = await database
        .selectFrom('signal_history')
        .select('sample')
        .where('session_id', '=', sessionId)
        .where(sql<boolean>`(at / ${sql.lit(stepMs)}) % ${sql.lit(every)} = 0`)
        .orderBy('at')
        .limit(2 * maxSteps)
        .execute()
      return { everyMs: every * stepMs, samples: rows.map(({ sample }) => readSample(sample)) }
    },

    /** Returns the issues in each step that has some, oldest first; and the number of all steps. */
    async issues(
      sessionId: string,
    ): Promise<{ steps: number; found: { at: number; issues: StoredIssue[] }[] }> {
      const ofSession = database.selectFrom('signal_history').where('session_id', '=', sessionId)
      const count = await ofSession
        .select((select) => select.fn.countAll<number | string>().as('steps'))
        .executeTakeFirst()
      const rows = await ofSession
        .select(['at', 'issues'])
        .where('issues', 'is not', null)
        .orderBy('at', 'desc')
        .limit(maxIssueSteps)
        .execute()
      const found = rows
        .reverse()
        .map(({ at, issues }) => ({ at: Number(at), issues: JSON.parse(issues ?? '[]') as StoredIssue[] }))
      return { steps: Number(count?.steps ?? 0), found }
    },
  }
}
