import type { Origin, RegistryChange } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'
import type { OriginTable } from './origin-table.ts'

/** Where origins are read from: the live registry or a shield. */
export interface OriginSource {
  origin(sessionId: string): Promise<Origin | undefined>
  origins(): Promise<Origin[]>
  /** Ids of live sessions. These keep their origin even when `origins` does not list it. */
  sessionIds(): Promise<string[]>
  /** Calls `onChange` for each change, and `onReady` whenever changes may have been missed. */
  watch(onChange: (change: RegistryChange) => void, onReady: () => void): void
}

/**
 * Creates a source that reads the live registry. `subscriber` is a Redis connection for subscriptions, which
 * waits while Redis is away.
 */
export function originSourceOf(registry: LiveRegistry, subscriber: Redis, log: Log): OriginSource {
  return {
    origin: registry.origin,
    origins: registry.origins,
    sessionIds: registry.sessionIds,
    watch(onChange, onReady) {
      // The Redis client renews its subscriptions after an outage, but messages sent meanwhile are lost.
      subscriber.on('ready', onReady)
      registry
        .watch(subscriber, onChange)
        .catch((error: unknown) =>
          log.warn({ err: error }, 'cannot subscribe to origins, polling every second'),
        )
    },
  }
}

export interface OriginWatchOptions {
  log: Log
  now: () => number
  /** Time between two polls, ms. They find changes whose message was lost. */
  everyMs?: number
  /** Minimum time from the start of a poll to a further poll that a viewer causes, ms. */
  onDemandEveryMs?: number
}

/** Maximum number of requests that wait for one poll. Further ones are refused at once. */
const maxWaiting = 1000

export type OriginWatch = ReturnType<typeof watchOrigins>

/** Keeps `table` up to date by messages and polls. While the registry is away, the table does not change. */
export function watchOrigins(source: OriginSource, table: OriginTable, options: OriginWatchOptions) {
  const { log, now, everyMs = 1000, onDemandEveryMs = 250 } = options
  const first = Promise.withResolvers<void>()
  let hasRead = false
  let polledAt = -Infinity
  /** Whether the last poll succeeded; false during a poll. */
  let isCurrent = false
  /**
   * `onDemand`: the poll that requests wait for; undefined when there is none. `waiting`: number of these
   * requests.
   */
  let onDemand: Promise<boolean> | undefined
  let waiting = 0

  async function refresh() {
    polledAt = now()
    isCurrent = false
    const listing = await Promise.all([source.origins(), source.sessionIds()]).catch((error: unknown) => {
      log.debug({ reason: messageOf(error) }, 'cannot read origins, keeping the known ones')
    })
    if (listing === undefined) return
    const [origins, sessionIds] = listing
    table.putAll(origins, new Set(sessionIds), now())
    hasRead = true
    isCurrent = true
    first.resolve()
  }

  const poll = createPoll(refresh, { everyMs })

  async function onChange({ kind, change, sessionId }: RegistryChange) {
    if (kind !== 'origin') return
    if (change === 'gone') return table.remove(sessionId)
    const origin = await source.origin(sessionId).catch(() => undefined)
    if (origin) table.put(origin)
  }
  source.watch((change) => void onChange(change), poll.soon)

  return {
    /** Whether the registry has been read at least once. */
    get hasRead() {
      return hasRead
    },

    /** Resolves when the registry has been read, or after `timeoutMs`. */
    async firstRead(timeoutMs: number): Promise<void> {
      const timer = setTimeout(first.resolve, timeoutMs)
      await first.promise
      clearTimeout(timer)
    },

    /**
     * Polls because a viewer asked for an unknown session. Resolves with whether the poll succeeded. Returns
     * undefined when the last poll was a moment ago or too many requests wait, so that any number of unknown
     * ids causes only a few polls.
     */
    pollOnDemand(): Promise<boolean> | undefined {
      if (onDemand === undefined) {
        if (!poll.isRunning && now() - polledAt < onDemandEveryMs) return undefined
        waiting = 0
        onDemand = poll.join().then(() => {
          onDemand = undefined
          return isCurrent
        })
      }
      waiting += 1
      return waiting > maxWaiting ? undefined : onDemand
    },

    close: (): void => void poll.close(),
  }
}
