import type { ListPage } from '../../core/api/common.ts'
import type { SessionView } from '../../core/api/session.ts'
import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { shareReads } from '../../core/mechanisms/share-reads.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Reach } from '../access/principal.ts'
import { readSessionCursor, sessionCursor } from '../http/cursor.ts'
import { readListPage } from '../http/list-page.ts'
import { Problem } from '../http/problem.ts'
import {
  type SessionFilter,
  type SessionPlace,
  type StoredSession,
  storedSessionOf,
} from '../store/sessions.ts'
import type { LiveSnapshot } from './live-view.ts'

interface SessionHistory {
  byId(id: string): Promise<StoredSession | undefined>
  page(filter: SessionFilter, limit: number, after?: SessionPlace): Promise<StoredSession[]>
}

export interface SessionServiceDependencies {
  history: SessionHistory
  live: { readonly snapshot: LiveSnapshot }
  stops: { request(stop: StopRequest): Promise<void> }
}

export type SessionService = ReturnType<typeof createSessionService>

/**
 * Creates the operations of `/v1/sessions`. Methods reject with a Problem, which becomes the response. Any
 * other error becomes a 500.
 */
export function createSessionService({ history, live, stops }: SessionServiceDependencies) {
  const byId = shareReads((id: string) => history.byId(id))

  async function find(id: string): Promise<StoredSession> {
    const stored = await byId(id)
    if (stored) return stored
    // The live registry may list a new session before the history does.
    const session = live.snapshot.sessions.get(id)
    if (session) return storedSessionOf(session)
    throw new Problem('session_not_found', `No session has the id ${id}`)
  }

  return {
    /** Lists the sessions of the channels within `reach`. */
    async list(
      reach: Reach,
      filter: Omit<SessionFilter, 'channelIds'>,
      limit: number,
      cursor: string | undefined,
    ): Promise<ListPage<SessionView>> {
      const after = cursor === undefined ? undefined : readSessionCursor(cursor)
      return readListPage(limit, {
        read: (limit) =>
          history.page({ ...filter, channelIds: reach === 'all' ? undefined : reach }, limit, after),
        itemOf: (session) => sessionView(session, live.snapshot),
        cursorAfter: (session) => sessionCursor(session),
      })
    },

    /** Returns the id of the channel of a session; undefined when there is no such session. */
    async channelIdOf(id: string): Promise<string | undefined> {
      const stored = await history.byId(id)
      return stored?.channelId ?? live.snapshot.sessions.get(id)?.channelId
    },

    get: async (id: string): Promise<SessionView> => sessionView(await find(id), live.snapshot),

    /**
     * Requests the end of a session from its ingest. Resolves when the request was sent, so the session in
     * the response is still live.
     * @throws Problem `session_not_found`, `session_ended`, `redis_unavailable`
     */
    async stop(id: string): Promise<SessionView> {
      const stored = await find(id)
      if (stored.endedAt !== null)
        throw new Problem('session_ended', `It ended with the reason ${stored.reason}`)
      try {
        await stops.request({ sessionId: id, reason: 'stopped', detail: null })
      } catch (error) {
        throw new Problem('redis_unavailable', `The session continues: ${messageOf(error)}`, { cause: error })
      }
      return sessionView(stored, live.snapshot)
    },
  }
}

/**
 * Returns a session as the API shows it. While it is live, values of the live registry replace those of the
 * history, which are older.
 */
function sessionView(stored: StoredSession, { sessions, origins, viewers }: LiveSnapshot): SessionView {
  const { id, slug, channelId, reason, detail, latency, publisher, transcoder, epoch, peakViewers } = stored
  const isLive = stored.endedAt === null
  const session = isLive ? sessions.get(id) : undefined
  const origin = isLive ? origins.get(id) : undefined
  const viewersNow = session ? (viewers.get(slug) ?? 0) : 0
  return {
    id,
    channel: slug,
    channelId,
    state: isLive ? 'live' : 'ended',
    startedAt: new Date(stored.startedAt).toISOString(),
    endedAt: stored.endedAt === null ? null : new Date(stored.endedAt).toISOString(),
    reason,
    detail,
    interruptions: stored.interruptions.map(({ startedAt, endedAt, reason }) => ({
      startedAt: new Date(startedAt).toISOString(),
      endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
      reason,
    })),
    latency,
    publisher,
    source: session?.source ?? stored.source,
    renditions: origin?.renditions ?? stored.renditions,
    transcoder: origin?.transcoder ?? transcoder,
    epoch: Math.max(epoch, origin?.epoch ?? 0),
    overloaded: origin?.health.overloaded ?? stored.overloaded,
    health: origin?.health ?? null,
    viewers: viewersNow,
    peakViewers: Math.max(peakViewers, viewersNow),
  }
}
