import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { messageOf } from '../../core/process/errors.ts'
import { readSessionCursor, sessionCursor } from '../http/cursor.ts'
import { readPage } from '../http/page.ts'
import { Problem } from '../http/problems.ts'
import type { SessionView } from '../schemas/session.ts'
import {
  newSessionRecord,
  type SessionFilter,
  type SessionPlace,
  type SessionRecord,
} from '../store/sessions.ts'
import type { LiveSnapshot } from './live-view.ts'

interface SessionSource {
  byId(id: string): Promise<SessionRecord | undefined>
  page(filter: SessionFilter, limit: number, after?: SessionPlace): Promise<SessionRecord[]>
}

export interface SessionDeskParts {
  history: SessionSource
  live: { readonly snapshot: LiveSnapshot }
  stops: { request(stop: StopRequest): Promise<void> }
}

export type SessionDesk = ReturnType<typeof createSessionDesk>

/** What the API does with sessions. Everything here rejects with a Problem where the client is to hear of it. */
export function createSessionDesk({ history, live, stops }: SessionDeskParts) {
  async function find(id: string): Promise<SessionRecord> {
    const record = await history.byId(id)
    if (record) return record
    // The live registry knows a new session some ms before the history does.
    const session = live.snapshot.sessions.get(id)
    if (session) return newSessionRecord(session)
    throw new Problem('session_not_found', `No session has the id ${id}`)
  }

  return {
    async list(filter: SessionFilter, limit: number, cursor: string | undefined) {
      const after = cursor === undefined ? undefined : readSessionCursor(cursor)
      return readPage(limit, {
        read: (most) => history.page(filter, most, after),
        itemOf: (record) => viewOf(record, live.snapshot),
        cursorAfter: (record) => sessionCursor(record),
      })
    },

    get: async (id: string): Promise<SessionView> => viewOf(await find(id), live.snapshot),

    /** Asks its ingest to end a session. @throws Problem `session_ended`, `redis_unavailable` */
    async stop(id: string): Promise<SessionView> {
      const record = await find(id)
      if (record.endedAt !== null)
        throw new Problem('session_ended', `It ended with the reason ${record.reason}`)
      try {
        await stops.request({ sessionId: id, reason: 'stopped', detail: null })
      } catch (error) {
        throw new Problem('redis_unavailable', `The session goes on: ${messageOf(error)}`, { cause: error })
      }
      return viewOf(record, live.snapshot)
    },
  }
}

/** A session of the history with what is known of it right now. */
function viewOf(record: SessionRecord, { sessions, origins, viewers }: LiveSnapshot): SessionView {
  const { id, slug, channelId, reason, detail, latency, publisher, transcoder, epoch, peakViewers } = record
  const isLive = record.endedAt === null
  const session = isLive ? sessions.get(id) : undefined
  const origin = isLive ? origins.get(id) : undefined
  const viewersNow = session ? (viewers.get(slug) ?? 0) : 0
  return {
    id,
    channel: slug,
    channelId,
    state: isLive ? 'live' : 'ended',
    startedAt: new Date(record.startedAt).toISOString(),
    endedAt: record.endedAt === null ? null : new Date(record.endedAt).toISOString(),
    reason,
    detail,
    latency,
    publisher,
    source: session?.source ?? record.source,
    renditions: origin?.renditions ?? record.renditions,
    transcoder: origin?.transcoder ?? transcoder,
    epoch: Math.max(epoch, origin?.epoch ?? 0),
    overloaded: origin?.health.overloaded ?? record.overloaded,
    health: origin?.health ?? null,
    viewers: viewersNow,
    peakViewers: Math.max(peakViewers, viewersNow),
  }
}
