import { createPoll } from '../../core/mechanisms/poll.ts'
import { reportFailures } from '../../core/mechanisms/report-failures.ts'
import type { Log } from '../../core/process/log.ts'
import { redisPrefix } from '../../core/process/redis.ts'

interface Publisher {
  publish(channel: string, message: string): Promise<unknown>
}

interface Subscriber {
  subscribe(channel: string): Promise<unknown>
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  off(event: 'message', listener: (channel: string, message: string) => void): unknown
}

export interface TailDependencies {
  events: { newest(): Promise<number> }
  /** Its commands must fail while Redis is away. */
  redis: Publisher
  subscriber: Subscriber
  log: Log
}

/** Pub/sub channel on which a manager announces that it has written events. */
const hints = `${redisPrefix}events`
/** Time between two checks of the log, ms: the maximum delay of readers while Redis is away. */
const checkEveryMs = 1000
/** Minimum time between two checks that were asked for, ms. */
const checkGapMs = 25

export type EventTail = ReturnType<typeof createEventTail>

/**
 * Watches the end of the log for the readers of this process. Managers announce new events to each other by
 * Redis; an announcement that is lost costs at most `checkEveryMs`.
 */
export function createEventTail({ events, redis, subscriber, log }: TailDependencies) {
  const listeners = new Set<() => void>()
  let position = 0

  async function readNewest() {
    const newest = await events.newest()
    if (newest === position) return
    position = newest
    for (const listener of [...listeners]) listener()
  }

  const check = createPoll(reportFailures(readNewest, log, 'log of events not readable'), {
    everyMs: checkEveryMs,
    gapMs: checkGapMs,
  })

  const announce = createPoll(
    async () => {
      await redis.publish(hints, '').catch(() => {})
    },
    { everyMs: 3_600_000, gapMs: checkGapMs },
  )

  const onMessage = (channel: string) => {
    if (channel === hints) check.soon()
  }
  subscriber.on('message', onMessage)
  // While Redis is away, the subscription waits for its return.
  subscriber.subscribe(hints).catch(() => {})

  return {
    /** Position of the newest event, as far as this process knows. */
    get position(): number {
      return position
    },
    /** Reports that this process may have written events. */
    onWritten(): void {
      check.soon()
      announce.soon()
    },
    /** Calls `listener` when there are new events, until the returned function is called. */
    watch(listener: () => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close(): Promise<void> {
      subscriber.off('message', onMessage)
      // A message in progress may wait for Redis, so nothing waits for it.
      void announce.close()
      await check.close()
    },
  }
}
