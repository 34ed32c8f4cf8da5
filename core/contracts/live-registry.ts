import { createHeartbeatRecords } from '../mechanisms/heartbeat-records.ts'
import { type Redis, redisPrefix } from '../process/redis.ts'
import { createAudienceReports } from './audience-reports.ts'
import { createChannelClaims } from './channel-claims.ts'
import { type LiveSession, type Origin, publishOf, type RegistryChange } from './live-records.ts'

/** Time that a record stays listed after it was last written, ms. Owners write every 1.5 s or more often. */
export const sessionTtlMs = 6000
export const originTtlMs = 6000
/** Age of a session's record from which its ingest may have died, ms: two of its heartbeats and a margin. */
export const staleSessionMs = 3200
/** Age of an origin from which its transcoder may have died, ms: two of its heartbeats and a margin. */
export const staleOriginMs = 2000
/**
 * Time that an origin stays readable by its session id after it was last written, ms, so that another
 * transcoder can continue its numbers.
 */
const lapsedOriginTtlMs = 600_000
/** Time for which it is known that a transcoder no longer reads a session, ms. */
const lostTtlMs = 10_000

const changesChannel = `${redisPrefix}registry`
const epochKey = (sessionId: string) => `${redisPrefix}epoch:${sessionId}`
const lostKey = (sessionId: string) => `${redisPrefix}lost:${sessionId}`
const gopHash = `${redisPrefix}gop`

type Announce = (change: RegistryChange) => Promise<unknown>
type SessionName = Pick<LiveSession, 'sessionId' | 'slug'>
type Publish = Pick<LiveSession, 'publish'>

export type LiveRegistry = ReturnType<typeof createLiveRegistry>

/**
 * What is live, shared by all roles through Redis. Every method but `watch` rejects while Redis is away.
 * Those that read sessions or origins also reject while Redis takes no writes.
 */
export function createLiveRegistry(redis: Redis) {
  const announce: Announce = (change) => redis.publish(changesChannel, JSON.stringify(change))
  return {
    ...createChannelClaims(redis, sessionTtlMs),
    ...createSessionRecords(redis, announce),
    ...createOriginRecords(redis, announce),
    ...createAudienceReports(redis, originTtlMs),

    /** Stores the longest recent GOP of a channel, ms, as an estimate for its next session. */
    async rememberGop(channelId: string, gopMs: number): Promise<void> {
      await redis.hset(gopHash, channelId, Math.round(gopMs))
    },
    async rememberedGop(channelId: string): Promise<number | null> {
      const gop = await redis.hget(gopHash, channelId)
      return gop === null ? null : Number(gop)
    },

    /**
     * Calls `onChange` for each change from now on, until the returned function is called. `subscriber` is a
     * connection for subscriptions only: a subscribed connection takes no other commands. Messages sent while
     * Redis is away are lost, so callers read everything when the connection is `ready` again.
     */
    async watch(subscriber: Redis, onChange: (change: RegistryChange) => void): Promise<() => void> {
      const onMessage = (channel: string, message: string) => {
        if (channel === changesChannel) onChange(JSON.parse(message) as RegistryChange)
      }
      subscriber.on('message', onMessage)
      await subscriber.subscribe(changesChannel)
      return () => subscriber.off('message', onMessage)
    },
  }
}

function createSessionRecords(redis: Redis, announce: Announce) {
  const records = createHeartbeatRecords<LiveSession>(redis, {
    index: `${redisPrefix}sessions`,
    prefix: `${redisPrefix}session:`,
    ttlMs: sessionTtlMs,
  })
  return {
    /**
     * Writes the record of a session. Returns false, and writes nothing, when the session continues at
     * another ingest. `announced`: whether watchers get a message; false for a heartbeat without a change.
     */
    async putSession(session: LiveSession, announced = true): Promise<boolean> {
      const { sessionId, slug } = session
      if (!(await records.putUnlessOlder(sessionId, session, 'publish'))) return false
      if (announced) await announce({ kind: 'session', change: 'put', sessionId, slug })
      return true
    },

    /**
     * Writes the record of a session whose publisher has returned. Returns false, and writes nothing, unless
     * the present record is of the publish before: one of several returning publishers continues the session.
     */
    async continueSession(session: LiveSession): Promise<boolean> {
      const { sessionId, slug } = session
      if (!(await records.putNext(sessionId, session, 'publish'))) return false
      await announce({ kind: 'session', change: 'put', sessionId, slug })
      return true
    },

    /** Removes the record of a session, unless the session continues at another ingest. */
    async removeSession({ sessionId, slug, ...session }: SessionName & Publish): Promise<void> {
      if (!(await records.removeUnlessNewer(sessionId, publishOf(session), 'publish'))) return
      await announce({ kind: 'session', change: 'gone', sessionId, slug })
    },

    session: records.getListed,
    /** Returns the time since the record of a session was last written, ms; undefined when it has lapsed. */
    sessionAgeMs: records.ageMs,
    sessions: records.all,
    sessionIds: records.ids,
  }
}

/** Number of epochs that a transcoder reserves at a time, so that most new epochs need not wait for Redis. */
export const reservedEpochs = 1000

/** Adds ARGV[1] to KEYS[1], which then lives for ARGV[2] s, and returns the sum. */
const reserveScript = `
local last = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return last`

function createOriginRecords(redis: Redis, announce: Announce) {
  const records = createHeartbeatRecords<Origin>(redis, {
    index: `${redisPrefix}origins`,
    prefix: `${redisPrefix}origin:`,
    ttlMs: originTtlMs,
    keptMs: lapsedOriginTtlMs,
  })
  return {
    /**
     * Reserves `reservedEpochs` numbers for the epochs of a session. Returns the lowest, which is higher than
     * all that were reserved before. Numbers begin with 1, again after 24 h without a reservation.
     */
    async reserveEpochs(sessionId: string): Promise<number> {
      const key = epochKey(sessionId)
      const last = (await redis.eval(reserveScript, 1, key, reservedEpochs, 24 * 3600)) as number
      return last - reservedEpochs + 1
    },

    /**
     * Writes the record of an origin. Returns false, and writes nothing, when the record in Redis is of a
     * newer epoch. The caller must then stop.
     */
    async putOrigin(origin: Origin, announced = true): Promise<boolean> {
      const { sessionId, slug } = origin
      if (!(await records.putUnlessOlder(sessionId, origin, 'epoch'))) return false
      if (announced) await announce({ kind: 'origin', change: 'put', sessionId, slug })
      return true
    },

    /** Removes the record of an origin, unless the record in Redis is of a newer epoch. */
    async removeOrigin({ sessionId, slug, epoch }: SessionName & Pick<Origin, 'epoch'>): Promise<void> {
      if (!(await records.removeUnlessNewer(sessionId, epoch, 'epoch'))) return
      await announce({ kind: 'origin', change: 'gone', sessionId, slug })
    },

    /** Notes that a transcoder no longer reads a session. Another one then does not wait for its record. */
    async noteLost(sessionId: string, transcoder: string): Promise<void> {
      await redis.set(lostKey(sessionId), transcoder, 'PX', lostTtlMs)
    },
    /** Returns the transcoder that has stopped to read a session a moment ago; null when there is none. */
    lostTranscoder: (sessionId: string): Promise<string | null> => redis.get(lostKey(sessionId)),

    /** Returns the origin of a session, even when its transcoder stopped writing up to 10 minutes ago. */
    origin: records.get,
    /** Returns the time since a transcoder last wrote the origin, ms; undefined when it has lapsed. */
    originAgeMs: records.ageMs,
    /** Returns the origins that have not lapsed. */
    origins: records.all,
  }
}
