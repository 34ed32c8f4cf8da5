import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { SessionEvent } from '../../core/contracts/session-log.ts'
import type { EventDraft } from './event-writer.ts'
import type { Database, SessionRow } from './tables.ts'

// The keys are made from the session log, so that an entry that is applied twice has one event. Publishers'
// addresses are not in the data: webhooks carry it to other parties.

type SessionIdentity = Pick<SessionRow, 'id' | 'channel_id' | 'slug' | 'started_at'>

/** An entry of the session log about a session that is in the history. */
type LaterEvent = Extract<SessionEvent, { type: 'source' | 'interrupted' | 'resumed' | 'ended' }>

export function startedDraft({ sessionId, channelId, slug, latency, startedAt }: LiveSession): EventDraft {
  return {
    type: 'session.started',
    at: startedAt,
    channel: { id: channelId, slug },
    data: { sessionId, latency },
    key: `${sessionId} started`,
  }
}

/** Returns the event that an entry of the session log makes; undefined when its session is unknown. */
export async function sessionDraft(db: Database, event: LaterEvent): Promise<EventDraft | undefined> {
  const session = await db
    .selectFrom('sessions')
    .select(['id', 'channel_id', 'slug', 'started_at'])
    .where('id', '=', event.sessionId)
    .executeTakeFirst()
  return session && draftOf(session, event)
}

function draftOf(session: SessionIdentity, event: LaterEvent): EventDraft {
  const { sessionId, at } = event
  const common = { at, channel: { id: session.channel_id, slug: session.slug } }
  switch (event.type) {
    case 'source':
      return {
        ...common,
        type: 'session.source_changed',
        data: { sessionId, source: event.source },
        key: `${sessionId} source ${at}`,
      }
    case 'interrupted':
      return {
        ...common,
        type: 'session.interrupted',
        data: { sessionId, reason: event.reason },
        key: `${sessionId} interrupted ${at}`,
      }
    case 'resumed':
      return {
        ...common,
        type: 'session.resumed',
        data: { sessionId, interruptedAt: timeText(event.since), reason: event.reason },
        key: `${sessionId} resumed ${event.since}`,
      }
    case 'ended':
      return endedDraft(session, at, event.reason, event.detail)
  }
}

/** Returns the end of a session whose ingest is gone. */
export const lostDraft = (session: SessionIdentity, endedAt: number): EventDraft =>
  endedDraft(session, endedAt, 'ingest_lost', null)

/** Returns the return of a session whose end at `lostAt` (ms since the epoch) was wrongly assumed. */
export function returnedDraft({ sessionId, channelId, slug }: LiveSession, lostAt: number): EventDraft {
  const reason: EndReason = 'ingest_lost'
  return {
    type: 'session.resumed',
    at: Date.now(),
    channel: { id: channelId, slug },
    data: { sessionId, interruptedAt: timeText(lostAt), reason },
    key: `${sessionId} returned ${lostAt}`,
  }
}

function endedDraft(
  { id, channel_id, slug, started_at }: SessionIdentity,
  at: number,
  reason: EndReason,
  detail: string | null,
): EventDraft {
  return {
    type: 'session.ended',
    at,
    channel: { id: channel_id, slug },
    data: { sessionId: id, startedAt: timeText(started_at), reason, detail: detail?.slice(0, 500) ?? null },
    key: `${id} ended ${at}`,
  }
}

const timeText = (ms: number) => new Date(ms).toISOString()
