import type { Experience } from '../../core/contracts/experience.ts'
import type { LiveSession, Origin, RegistryChange } from '../../core/contracts/live-records.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'

/** What the live registry contained at one time. */
export interface LiveSnapshot {
  sessions: ReadonlyMap<string, LiveSession>
  /** The session with the latest claim to each channel, by channel id. */
  byChannel: ReadonlyMap<string, LiveSession>
  /** Where the media of each session is, by session id. */
  origins: ReadonlyMap<string, Origin>
  /** Number of viewers, by slug. */
  viewers: ReadonlyMap<string, number>
  /** What players reported about their playback, by slug. */
  experience: ReadonlyMap<string, Experience>
}

interface LiveSource {
  sessions(): Promise<LiveSession[]>
  origins(): Promise<Origin[]>
  viewers(): Promise<Map<string, number>>
  experience(): Promise<Map<string, Experience>>
  watch(subscriber: Redis, onChange: (change: RegistryChange) => void): Promise<() => void>
}

/**
 * Time between reads of the registry, ms. A change that the registry announces is read sooner, but at the
 * earliest `readGapMs` after the previous read.
 */
const readEveryMs = 1000
const readGapMs = 250

/**
 * Time for which a session or an origin that the registry lacks stays in the view, ms, unless its removal was
 * announced. A Redis that came back empty, or whose clock was set forward, is filled again in that time.
 */
const forgottenAfterMs = 5000

export type LiveView = ReturnType<typeof createLiveView>

/**
 * Creates a view of what is live in memory, so that the number of requests does not change how often Redis is
 * read. While Redis is away the last known state stays and `problem` says so. `subscriber` is a connection
 * that nothing else uses.
 */
export function createLiveView(
  registry: LiveSource,
  subscriber: Redis,
  log: Log,
  now: () => number = () => performance.now(),
) {
  const sessionMemory = createMemory<LiveSession>(now)
  const originMemory = createMemory<Origin>(now)
  let snapshot = snapshotOf([], [], new Map(), new Map())
  let problem: string | undefined = 'the live registry has not been read yet'

  const poll = createPoll(
    async () => {
      const readAt = now()
      try {
        const [sessions, origins, viewers, experience] = await Promise.all([
          registry.sessions(),
          registry.origins(),
          registry.viewers(),
          registry.experience(),
        ])
        snapshot = snapshotOf(
          sessionMemory.merge(sessions, readAt),
          originMemory.merge(origins, readAt),
          viewers,
          experience,
        )
        problem = undefined
      } catch (error) {
        if (problem === undefined)
          log.warn({ err: messageOf(error) }, 'live registry not readable, the last known state is used')
        problem = 'redis is away: only the last known state is available'
      }
    },
    { everyMs: readEveryMs, gapMs: readGapMs },
  )
  // The subscription is not awaited, because it waits while Redis is away. Polling is enough until then.
  const onChange = ({ kind, change, sessionId }: RegistryChange) => {
    if (change === 'gone') (kind === 'session' ? sessionMemory : originMemory).forget(sessionId)
    poll.soon()
  }
  const unwatch = registry.watch(subscriber, onChange).catch(() => undefined)

  return {
    get snapshot(): LiveSnapshot {
      return snapshot
    },
    /** Why `snapshot` may be out of date; undefined when it is current. */
    get problem(): string | undefined {
      return problem
    },
    /**
     * Reads the registry now, or again after a read in progress. Resolves when that has ended, also if it
     * failed.
     */
    refresh: poll.run,
    async close(): Promise<void> {
      // The subscription is not awaited, because it never resolves while Redis is away.
      void unwatch.then((stop) => stop?.())
      await poll.close()
    },
  }
}

/** Remembers records that a listing lacks, for `forgottenAfterMs`. */
function createMemory<Value extends { sessionId: string }>(now: () => number) {
  /** `missingSince`: when a listing first lacked the record; undefined while it has it. */
  const known = new Map<string, { record: Value; missingSince: number | undefined }>()
  /**
   * Times of recent removals, by session id. A listing that was requested before may still have the record.
   */
  const removedAt = new Map<string, number>()
  return {
    /** Returns the records of a listing requested at `readAt`, and those that were in one shortly before. */
    merge(listed: readonly Value[], readAt: number): Value[] {
      for (const record of listed) {
        const { sessionId } = record
        if ((removedAt.get(sessionId) ?? -Infinity) < readAt) {
          known.set(sessionId, { record, missingSince: undefined })
        }
      }
      const ids = new Set(listed.map(({ sessionId }) => sessionId))
      for (const [id, each] of known) {
        if (ids.has(id)) continue
        each.missingSince ??= readAt
        if (readAt - each.missingSince > forgottenAfterMs) known.delete(id)
      }
      for (const [id, at] of removedAt) if (readAt - at > forgottenAfterMs) removedAt.delete(id)
      return [...known.values()].map(({ record }) => record)
    },
    /** Forgets a record whose removal was announced. */
    forget(sessionId: string): void {
      known.delete(sessionId)
      removedAt.set(sessionId, now())
    },
  }
}

function snapshotOf(
  sessions: readonly LiveSession[],
  origins: readonly Origin[],
  viewers: ReadonlyMap<string, number>,
  experience: ReadonlyMap<string, Experience>,
): LiveSnapshot {
  const byAge = [...sessions].sort((one, other) => orderOf(one) - orderOf(other))
  return {
    sessions: new Map(sessions.map((session) => [session.sessionId, session])),
    byChannel: new Map(byAge.map((session) => [session.channelId, session])),
    origins: new Map(origins.map((origin) => [origin.sessionId, origin])),
    viewers,
    experience,
  }
}

/**
 * Returns the order of a session among those of its channel. Clocks of ingests differ, so the claim decides.
 * Without a claim, the start in µs comes close to the order that a claim would have.
 */
const orderOf = ({ claim, startedAt }: LiveSession) => claim?.order ?? startedAt * 1000
