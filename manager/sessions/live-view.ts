import type { Experience } from '../../core/contracts/experience.ts'
import type { LiveSession, Origin, RegistryChange } from '../../core/contracts/live-records.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'

/** All that was live at one moment. */
export interface LiveSnapshot {
  sessions: ReadonlyMap<string, LiveSession>
  /** The newest session of each channel, by the channel's id. */
  byChannel: ReadonlyMap<string, LiveSession>
  /** By session. */
  origins: ReadonlyMap<string, Origin>
  /** By slug. */
  viewers: ReadonlyMap<string, number>
  /** How viewers fare, by slug. */
  experience: ReadonlyMap<string, Experience>
}

/** What the view reads of the live registry. */
interface LiveSource {
  sessions(): Promise<LiveSession[]>
  origins(): Promise<Origin[]>
  viewers(): Promise<Map<string, number>>
  experience(): Promise<Map<string, Experience>>
  watch(subscriber: Redis, onChange: (change: RegistryChange) => void): Promise<() => void>
}

/** The registry is read this often, ms, and sooner when it announces a change, but never twice within the gap. */
const readEveryMs = 1000
const readGapMs = 250

export type LiveView = ReturnType<typeof createLiveView>

/**
 * What is live, from memory: however many ask, Redis is read about once a second. While Redis is away the last
 * known state stays, and `problem` says so. `subscriber` is a connection of its own.
 */
export function createLiveView(registry: LiveSource, subscriber: Redis, log: Log) {
  let snapshot = snapshotOf([], [], new Map(), new Map())
  let problem: string | undefined = 'the live registry was not read yet'

  const reader = createPoll(
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
          log.warn({ err: messageOf(error) }, 'what is live is only known from before')
        problem = 'redis is away: what is live is only known from before'
      }
    },
    { everyMs: readEveryMs, gapMs: readGapMs },
  )
  // Never awaited: with Redis away it would wait, and reading every second serves as well.
  const unwatch = registry.watch(subscriber, reader.soon).catch(() => undefined)

  return {
    get snapshot(): LiveSnapshot {
      return snapshot
    },
    /** Why `snapshot` may be old; undefined when it is not. */
    get problem(): string | undefined {
      return problem
    },
    async close(): Promise<void> {
      // While Redis is away the subscription waits for ever, so nobody waits for it.
      void unwatch.then((stop) => stop?.())
      await reader.close()
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
