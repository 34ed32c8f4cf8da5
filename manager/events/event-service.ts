import type { EventPage, EventType } from '../../core/api/event.ts'
import { Problem } from '../http/problem.ts'
import type { EventFilter, EventStore } from '../store/events.ts'
import { eventCursor, eventView, readEventCursor } from './event-view.ts'

/** A reader's choice of events, as it is in a query. */
export interface EventChoice {
  types?: string | undefined
  channel?: string | undefined
  after?: string | undefined
}

export type EventService = ReturnType<typeof createEventService>

/**
 * Creates the operations of `/v1/events`. Methods reject with a Problem, which becomes the response. Any
 * other error becomes a 500.
 */
export function createEventService(events: Pick<EventStore, 'newest' | 'page' | 'missedAfter'>) {
  return {
    /** Returns at most `limit` events, the oldest first. @throws Problem `bad_cursor` */
    async list(choice: EventChoice, limit: number): Promise<EventPage> {
      const after = choice.after === undefined ? 0 : readEventCursor(choice.after)
      // Positions up to this one are all visible to the query that follows.
      const newest = await events.newest()
      if (after > newest) throw beyondEnd()
      const found = await events.page(filterOf(choice), limit + 1, after)
      const read = found.slice(0, limit)
      const last = read.at(-1)?.position ?? after
      const hasMore = found.length > limit
      return {
        items: read.map(eventView),
        nextCursor: eventCursor(hasMore ? last : Math.max(last, newest)),
        hasMore,
        missed: after === 0 ? 0 : await events.missedAfter(after),
      }
    },
  }
}

export function filterOf({ types, channel }: EventChoice): EventFilter {
  const chosen = types === undefined ? undefined : [...new Set(types.split(',') as EventType[])]
  return { slug: channel, types: chosen }
}

export const beyondEnd = () =>
  new Problem(
    'bad_cursor',
    'It is beyond the end of the log, so it comes from another database. Begin without a cursor',
  )
