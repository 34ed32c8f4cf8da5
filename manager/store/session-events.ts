import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { SessionEvent } from '../../core/contracts/session-log.ts'
import type { EventDraft } from './event-writer.ts'
import { sessionDraft, startedDraft } from './session-drafts.ts'
import { type StoredInterruption, withInterruption } from './stored-interruption.ts'
import type { Database, SessionRow } from './tables.ts'

/** Maximum length of a stored text, characters. */
const maxTextLength = 500

/**
 * Writes one event of the session log into the history. Returns the event for the log of events; undefined
 * when that has no such event. Every case must allow for an event that is applied twice, or without the
 * events before it.
 */
export async function applySessionEvent(db: Database, event: SessionEvent): Promise<EventDraft | undefined> {
  switch (event.type) {
    case 'started':
      await insertSession(db, event.session)
      return startedDraft(event.session)
    case 'source':
      await update(db, event.sessionId, { source: JSON.stringify(event.source) })
      return sessionDraft(db, event)
    case 'transcoding':
      return noteTranscode(db, event)
    case 'interrupted':
      await addInterruption(db, event.sessionId, {
        startedAt: event.at,
        endedAt: null,
        reason: event.reason,
      })
      return sessionDraft(db, event)
    case 'resumed': {
      const { sessionId, since: startedAt, at: endedAt, reason } = event
      await addInterruption(db, sessionId, { startedAt, endedAt, reason })
      return sessionDraft(db, event)
    }
    case 'overloaded':
      await update(db, event.sessionId, { overloaded: Number(event.overloaded) })
      return undefined
    case 'ended':
      return (await endSession(db, event)) ? sessionDraft(db, event) : undefined
  }
}

type EventOf<Type> = Extract<SessionEvent, { type: Type }>

async function noteTranscode(db: Database, event: EventOf<'transcoding'>): Promise<undefined> {
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
}

/** Returns false when the session has already ended. */
async function endSession(db: Database, event: EventOf<'ended'>): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sessions')
    .set({ ended_at: event.at, reason: event.reason, detail: plainText(event.detail) })
    .where('id', '=', event.sessionId)
    // The first end counts, unless its reason is `ingest_lost`, which the manager only assumed.
    .where((where) => where.or([where('ended_at', 'is', null), where('reason', '=', 'ingest_lost')]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
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
