import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { SessionEvent } from '../../core/contracts/session-log.ts'
import { type StoredInterruption, withInterruption } from './stored-interruption.ts'
import type { Database, SessionRow } from './tables.ts'

/** Maximum length of a stored text, characters. */
const maxTextLength = 500

/**
 * Writes one event of the session log into the history. Every case must allow for an event that is applied
 * twice, or without the events before it.
 */
export async function applySessionEvent(db: Database, event: SessionEvent): Promise<void> {
  switch (event.type) {
    case 'started':
      return insertSession(db, event.session)
    case 'source':
      return update(db, event.sessionId, { source: JSON.stringify(event.source) })
    case 'transcoding':
      await db
        .updateTable('sessions')
        .set({
          epoch: event.epoch,
          transcoder: plainText(event.transcoder),
          renditions: JSON.stringify(event.renditions),
        })
        .where('id', '=', event.sessionId)
        // An event of an older epoch that arrives late changes nothing.
        .where('epoch', '<=', event.epoch)
        .execute()
      return
    case 'interrupted':
      return addInterruption(db, event.sessionId, {
        startedAt: event.at,
        endedAt: null,
        reason: event.reason,
      })
    case 'resumed': {
      const { sessionId, since: startedAt, at: endedAt, reason } = event
      return addInterruption(db, sessionId, { startedAt, endedAt, reason })
    }
    case 'overloaded':
      return update(db, event.sessionId, { overloaded: Number(event.overloaded) })
    case 'ended':
      await db
        .updateTable('sessions')
        .set({ ended_at: event.at, reason: event.reason, detail: plainText(event.detail) })
        .where('id', '=', event.sessionId)
        // The first end counts, unless its reason is `ingest_lost`, which the manager only assumed.
        .where((where) => where.or([where('ended_at', 'is', null), where('reason', '=', 'ingest_lost')]))
        .execute()
  }
}

/** Adds a session. Does nothing if the history has it: the session log and the reconciler may both add it. */
export async function insertSession(db: Database, session: LiveSession): Promise<void> {
  await db
    .insertInto('sessions')
    .values(newSessionRow(session))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/**
 * Returns the row of a session. Columns that later events fill in are null or 0, except the source if it is
 * known.
 */
export function newSessionRow(session: LiveSession): SessionRow {
  return {
    id: session.sessionId,
    channel_id: session.channelId,
    slug: session.slug,
    latency: session.latency,
    started_at: Math.round(session.startedAt),
    ended_at: null,
    reason: null,
    detail: null,
    publisher_address: plainText(session.publisher.address) ?? '',
    publisher_software: plainText(session.publisher.software),
    source: session.source === null ? null : JSON.stringify(session.source),
    renditions: null,
    transcoder: null,
    epoch: 0,
    overloaded: 0,
    interruptions: null,
    peak_viewers: 0,
  }
}

async function addInterruption(db: Database, id: string, added: StoredInterruption): Promise<void> {
  const row = await db.selectFrom('sessions').select('interruptions').where('id', '=', id).executeTakeFirst()
  if (row) await update(db, id, { interruptions: withInterruption(row.interruptions, added) })
}

async function update(db: Database, id: string, columns: Partial<SessionRow>): Promise<void> {
  await db.updateTable('sessions').set(columns).where('id', '=', id).execute()
}

/**
 * Removes NUL and shortens the text. Postgres rejects NUL, and an event that cannot be written would block
 * the log forever.
 */
function plainText(text: string | null): string | null {
  return text?.replaceAll('\0', '').slice(0, maxTextLength) ?? null
}
