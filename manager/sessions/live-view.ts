import type { Experience } from '../../core/contracts/experience.ts'
import type { LiveSession, Origin, RegistryChange } from '../../core/contracts/live-records.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'

/** What the live registry contained at one time. */
export interface LiveSnapshot {
  sessions: ReadonlyMap<string, LiveSession>
  /** The newest session of each channel, by the channel's id. */
  byChannel: ReadonlyMap<string, LiveSession>
  /** By session id. */
  origins: ReadonlyMap<string, Origin>
  /** By slug. */
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

export type LiveView = ReturnType<typeof createLiveView>

/**
 * What is live, from memory, so that the number of requests does not change how often Redis is read. While
 * Redis is away the last known state stays and `problem` says so. `subscriber` is a connection that nothing
 * else uses.
 */
export function createLiveView(registry: LiveSource, subscriber: Redis, log: Log) {
  let snapshot = snapshotOf([], [], new Map(), new Map())
  let problem: string | undefined = 'the live registry has not been read yet'

  const poll = createPoll(
    async () => {
      try {
        const [sessions, origins, viewers, experience] = await Promise.all([
          registry.sessions(),
          registry.origins(),
          registry.viewers(),
          registry.experience(),
        ])
        snapshot = snapshotOf(sessions, origins, viewers, experience)
        problem = undefined
      } catch (error) {
        if (problem === undefined)
          log.warn({ err: messageOf(error) }, 'live registry not readable, the last known state is used')
        problem = 'redis is away: only the last known state is available'
      }
    },
    { everyMs: readEveryMs, gapMs: readGapMs },
  )
  // Not awaited: the subscription waits while Redis is away, and polling is enough until then.
  const unwatch = registry.watch(subscriber, poll.soon).catch(() => undefined)

  return {
    get snapshot(): LiveSnapshot {
      return snapshot
    },
    /** Why `snapshot` may be out of date; undefined when it is current. */
    get problem(): string | undefined {
      return problem
    },
    async close(): Promise<void> {
      // Not awaited: while Redis is away the subscription never resolves.
      void unwatch.then((stop) => stop?.())
      await poll.close()
    },
  }
}

function snapshotOf(
  sessions: readonly LiveSession[],
  origins: readonly Origin[],
  viewers: ReadonlyMap<string, number>,
  experience: ReadonlyMap<string, Experience>,
): LiveSnapshot {
  const byAge = [...sessions].sort((one, other) => one.startedAt - other.startedAt)
  return {
    sessions: new Map(sessions.map((session) => [session.sessionId, session])),
    byChannel: new Map(byAge.map((session) => [session.channelId, session])),
    origins: new Map(origins.map((origin) => [origin.sessionId, origin])),
    viewers,
    experience,
  }
}
