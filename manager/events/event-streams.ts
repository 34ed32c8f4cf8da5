import { Readable } from 'node:stream'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { Problem } from '../http/problem.ts'
import type { EventFilter, EventStore, StoredEvent } from '../store/events.ts'
import { beyondEnd, type EventChoice, filterOf } from './event-service.ts'
import type { EventTail } from './event-tail.ts'
import { eventCursor, eventView, readEventCursor } from './event-view.ts'

export interface StreamDependencies {
  events: Pick<EventStore, 'newest' | 'page'>
  tail: Pick<EventTail, 'position' | 'watch'>
  log: Log
}

/** Maximum number of streams of one manager. */
const maxStreams = 200
/** Time without an event after which a stream sends its place in the log, ms. */
const heartbeatMs = 15_000
/**
 * Maximum number of events that are read, and kept for a client, at a time. A client that takes nothing is
 * disconnected by the deadline of the listener for responses, and continues with its last event.
 */
const pageSize = 20
/** Time after which a client connects again, ms. */
const reconnectMs = 2000

export type EventStreams = ReturnType<typeof createEventStreams>

/** Creates the streams of `/v1/events/stream` (server-sent events). */
export function createEventStreams(
  { events, tail, log }: StreamDependencies,
  { limit = maxStreams, quietMs = heartbeatMs } = {},
) {
  const open = new Set<AbortController>()

  async function* follow(filter: EventFilter, start: number, signal: AbortSignal) {
    let position = start
    yield `retry: ${reconnectMs}\n\n`
    while (!signal.aborted) {
      // Events up to this position are all visible to the query that follows.
      const seen = tail.position
      const page = await events.page(filter, pageSize, position)
      if (page.length > 0) yield page.map(frameOf).join('')
      position = Math.max(position, page.at(-1)?.position ?? 0)
      if (page.length === pageSize) continue
      position = Math.max(position, seen)
      if (tail.position > position) continue
      if (!(await moved(tail, quietMs, signal))) yield placeOf(position)
    }
  }

  /** Ends a stream whose database is away instead of failing: its client connects again and continues. */
  async function* untilFailure(frames: AsyncGenerator<string>) {
    try {
      yield* frames
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'stream of events ended')
    }
  }

  return {
    /**
     * Opens a stream of events after `lastEventId` or else `choice.after`; without both, of those from now
     * on.
     * @throws Problem `bad_cursor`, `too_many_streams`
     */
    async open(choice: EventChoice, lastEventId: string | undefined): Promise<Readable> {
      const newest = await events.newest()
      const cursor = lastEventId ?? choice.after
      const after = cursor === undefined ? newest : readEventCursor(cursor)
      if (after > newest) throw beyondEnd()
      if (open.size >= limit)
        throw new Problem('too_many_streams', `This manager has ${limit} streams already`, {
          retryAfterSeconds: 10,
        })
      const ended = new AbortController()
      open.add(ended)
      const frames = untilFailure(follow(filterOf(choice), after, ended.signal))
      return new Readable({
        highWaterMark: 1,
        read() {
          void frames.next().then(({ value, done }) => this.push(done ? null : value))
        },
        // `Readable.from` would wait for the end of the wait for the next event.
        destroy(error, done) {
          open.delete(ended)
          ended.abort()
          done(error)
        },
      })
    },
    /** Ends all streams. Their clients connect again, to another manager if there is one. */
    endAll(): void {
      for (const ended of open) ended.abort()
    },
  }
}

/** Resolves with true when there are new events, and with false after `quietMs` or when `signal` aborts. */
function moved(tail: Pick<EventTail, 'watch'>, quietMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isNew: boolean) => {
      clearTimeout(timer)
      unwatch()
      signal.removeEventListener('abort', onAbort)
      resolve(isNew)
    }
    const onAbort = () => end(false)
    const timer = setTimeout(end, quietMs, false)
    const unwatch = tail.watch(() => end(true))
    signal.addEventListener('abort', onAbort)
  })
}

/** Returns an event as a block of the stream. JSON contains no line break. */
function frameOf(event: StoredEvent): string {
  const { cursor, type, ...view } = eventView(event)
  return `id: ${cursor}\nevent: ${type}\ndata: ${JSON.stringify({ ...view, type, cursor })}\n\n`
}

/**
 * Returns a block without data. It keeps the connection alive, and moves the last event id of the client
 * beyond events that it did not choose.
 */
const placeOf = (position: number) => `id: ${eventCursor(position)}\n\n`
