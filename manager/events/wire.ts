import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'
import type { Store } from '../store/store.ts'
import { createEventService, type EventService } from './event-service.ts'
import { createEventStreams, type EventStreams } from './event-streams.ts'
import { createEventSweep } from './event-sweep.ts'
import { createEventTail, type EventTail } from './event-tail.ts'

export interface EventDependencies {
  store: Store
  redis: Redis
  /** Connection for subscriptions. */
  subscriber: Redis
  /** Limits of the log: age in days, and number of events. */
  settings: { eventDays: number; eventCount: number }
  log: Log
}

/** The readers of the log of events, and what removes old events. */
export interface EventReaders {
  service: EventService
  streams: EventStreams
  tail: EventTail
  close(): Promise<void>
}

export function wireEvents({ store, redis, subscriber, settings, log }: EventDependencies): EventReaders {
  const { events } = store
  const tail = createEventTail({ events, redis, subscriber, log })
  store.onEvents(tail.onWritten)
  const retention = { days: settings.eventDays, count: settings.eventCount }
  const sweep = createEventSweep(events, retention, log)
  return {
    service: createEventService(events),
    streams: createEventStreams({ events, tail, log }),
    tail,
    async close() {
      await Promise.all([tail.close(), sweep.close()])
    },
  }
}
