import type { ExpressionBuilder } from 'kysely'
import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { SessionEvent } from '../../core/contracts/session-log.ts'
import type { Latency } from '../../core/media/latency.ts'
import type { Rendition, Source } from '../../core/media/source.ts'
import { moveCheckpoint, readCheckpoint } from './checkpoints.ts'
import type { WriteWithEvents } from './event-writer.ts'
import { lostDraft, returnedDraft, startedDraft } from './session-drafts.ts'
import { applySessionEvent, insertSession, newSessionRow } from './session-events.ts'
import { createSessionRemoval } from './session-removal.ts'
import { readInterruptions, type StoredInterruption } from './stored-interruption.ts'
import type { Database, SessionRow, Tables } from './tables.ts'

/** One session in the history. Times are ms since the epoch. */
export interface StoredSession {
  id: string
  channelId: string
  slug: string
  latency: Latency
  startedAt: number
  /** Null while live, as are `reason` and `detail`. */
  endedAt: number | null
  reason: EndReason | null
  detail: string | null
  publisher: { address: string; software: string | null }
  source: Source | null
  renditions: Rendition[]
  transcoder: string | null
  epoch: number
  overloaded: boolean
  interruptions: StoredInterruption[]
  peakViewers: number
}

export interface SessionFilter {
  slug?: string | undefined
  state?: 'live' | 'ended' | undefined
  /** Ids of the only channels; undefined: all. */
  channelIds?: ReadonlySet<string> | undefined
}

/** A session's place in the list, which is ordered newest first. */
export interface SessionPlace {
  startedAt: number
  id: string
}

/** Checkpoint whose value is the position up to which the session log was read. */
const positionMark = 'session-log'

export type SessionStore = ReturnType<typeof createSessionStore>

/** Creates the store of the history: live and ended sessions in SQL. */
export function createSessionStore(database: Database, write: WriteWithEvents) {
  return {
    ...createSessionQueries(database),
    ...createLogWriter(database, write),
    ...createCorrections(database, write),
    ...createSessionRemoval(database),
  }
}

function createSessionQueries(database: Database) {
  return {
    async byId(id: string): Promise<StoredSession | undefined> {
      const row = await database.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
      return row && sessionOf(row)
    },

    /** Returns at most `limit` sessions, newest first, starting after the place `after`. */
    async page(
      { slug, state, channelIds }: SessionFilter,
      limit: number,
      after?: SessionPlace,
    ): Promise<StoredSession[]> {
      let query = database
        .selectFrom('sessions')
        .selectAll()
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (slug !== undefined) query = query.where('slug', '=', slug)
      if (channelIds !== undefined) query = query.where('channel_id', 'in', [...channelIds, ''])
      if (state !== undefined) query = query.where('ended_at', state === 'live' ? 'is' : 'is not', null)
      if (after !== undefined)
        query = query.where((where) =>
          where.or([
            where('started_at', '<', after.startedAt),
            where.and([where('started_at', '=', after.startedAt), where('id', '<', after.id)]),
          ]),
        )
      return (await query.execute()).map(sessionOf)
    },

    async liveIds(): Promise<string[]> {
      const rows = await database.selectFrom('sessions').select('id').where('ended_at', 'is', null).execute()
      return rows.map(({ id }) => id)
    },
  }
}

function createLogWriter(database: Database, write: WriteWithEvents) {
  return {
    /** Returns the position up to which the session log was read; undefined when it was never read. */
    position: () => readCheckpoint(database, positionMark),

    /**
     * Writes events of the session log and the new position in one transaction, so that each is applied once
     * even if it is read twice. Returns false and writes nothing when another manager was first.
     */
    apply: (read: readonly SessionEvent[], from: string | undefined, to: string): Promise<boolean> =>
      write(async (db, events) => {
        if (!(await moveCheckpoint(db, positionMark, from, to))) return false
        for (const each of read) {
          const draft = await applySessionEvent(db, each)
          if (draft !== undefined) events.push(draft)
        }
        return true
      }),
  }
}

/** Corrects the history where the session log is incomplete. */
function createCorrections(database: Database, write: WriteWithEvents) {
  return {
    /**
     * Ends a session whose ingest is gone. Returns false when the session has already ended. Its reason then
     * stays.
     */
    endLost: (id: string, endedAt: number): Promise<boolean> =>
      write(async (db, events) => {
        const row = await db
          .updateTable('sessions')
          .set({ ended_at: endedAt, reason: 'ingest_lost' satisfies EndReason })
          .where('id', '=', id)
          .where('ended_at', 'is', null)
          .returning(['id', 'channel_id', 'slug', 'started_at'])
          .executeTakeFirst()
        if (row === undefined) return false
        events.push(lostDraft(row, endedAt))
        return true
      }),

    /** Adds a session that the live registry lists, or undoes the end that `endLost` assumed for it. */
    adopt: (session: LiveSession): Promise<void> =>
      write(async (db, events) => {
        await insertSession(db, session)
        events.push(startedDraft(session))
        const isLost = (where: ExpressionBuilder<Tables, 'sessions'>) =>
          where.and([where('id', '=', session.sessionId), where('reason', '=', 'ingest_lost')])
        const row = await db.selectFrom('sessions').select('ended_at').where(isLost).executeTakeFirst()
        if (row === undefined) return
        await db.updateTable('sessions').set({ ended_at: null, reason: null }).where(isLost).execute()
        if (row.ended_at !== null) events.push(returnedDraft(session, row.ended_at))
      }),

    async notePeak(id: string, viewers: number): Promise<void> {
      await database
        .updateTable('sessions')
        .set({ peak_viewers: viewers })
        .where('id', '=', id)
        .where('peak_viewers', '<', viewers)
        .execute()
    },
  }
}

/** Returns a live session that is not in the history yet, as it will be stored. */
export const storedSessionOf = (session: LiveSession) => sessionOf(newSessionRow(session))

function sessionOf(row: SessionRow): StoredSession {
  return {
    id: row.id,
    channelId: row.channel_id,
    slug: row.slug,
    latency: row.latency as Latency,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    reason: row.reason as EndReason | null,
    detail: row.detail,
    publisher: { address: row.publisher_address, software: row.publisher_software },
    source: row.source === null ? null : (JSON.parse(row.source) as Source),
    renditions: row.renditions === null ? [] : (JSON.parse(row.renditions) as Rendition[]),
    transcoder: row.transcoder,
    epoch: row.epoch,
    overloaded: row.overloaded === 1,
    interruptions: readInterruptions(row.interruptions),
    peakViewers: row.peak_viewers,
  }
}
