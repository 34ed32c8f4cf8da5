import { addExperience, type Experience, newExperience } from './experience.ts'
import type { Latency } from './latency.ts'
import { type Redis, redisPrefix } from './redis.ts'
import { ifHeld, putUnlessOlder } from './registry-scripts.ts'
import type { Rendition, Source } from './source.ts'
import { mergeTallies, type ViewerTally } from './viewer-tally.ts'

/** A session as its ingest tells it; lives as long as the ingest keeps refreshing it. */
export interface LiveSession {
  sessionId: string
  channelId: string
  slug: string
  latency: Latency
  /** ms since the epoch. */
  startedAt: number
  ingest: { instance: string /** Where transcoders pull the session as FLV. */; flvUrl: string }
  publisher: { address: string; software: string | null }
  /** Null until the first packets told it. */
  source: Source | null
  /** When media of timestamp 0 arrived, or would have, ms since the epoch; known with `source`. Dates of media are made of it. */
  mediaZeroAt?: number
  /** Newest timestamp that the ingest had when it told this, ms of media: what a transcoder has not read yet counts as late too. */
  newestMs?: number
  /** Longest GOP of the channel's last session, ms: what this one will likely have. */
  expectedGopMs: number | null
}

/** Where the media of a session is to be had; written by the transcoder that packages it. */
export interface Origin {
  sessionId: string
  channelId: string
  slug: string
  /** Of the latest transcode; a record of an older epoch never replaces one of a newer. */
  epoch: number
  transcoder: string
  /** Base URL of the origin; media paths are appended as they are. */
  url: string
  /** `starting`: nothing to play yet; `ended`: playlists carry EXT-X-ENDLIST and go soon. */
  state: 'starting' | 'live' | 'ended'
  renditions: Rendition[]
  health: TranscodeHealth
  /** Where a takeover goes on: the next media sequence number and discontinuity sequence. */
  nextMsn: number
  discontinuity: number
}

export interface TranscodeHealth {
  /** Media seconds made per second; below 1 for long means that the picture will break. */
  speed: number
  /** Distance of the encoded media from the source, ms. */
  behindMs: number
  overloaded: boolean
}

/** Says that a record was written or went away. Lost messages are harmless: watchers also look for themselves. */
export interface RegistryChange {
  kind: 'session' | 'origin'
  change: 'put' | 'gone'
  sessionId: string
  slug: string
}

/** How long a record is listed after its last refresh, ms. Owners refresh about four times in that time. */
export const sessionTtlMs = 6000
export const originTtlMs = 6000
/** A lapsed origin is still to be read for so long, ms: a takeover that comes late goes on from it too. */
const lapsedOriginTtlMs = 600_000

const changesChannel = `${redisPrefix}registry`
const sessionKey = (sessionId: string) => `${redisPrefix}session:${sessionId}`
const originKey = (sessionId: string) => `${redisPrefix}origin:${sessionId}`
const claimKey = (channelId: string) => `${redisPrefix}claim:${channelId}`
const epochKey = (sessionId: string) => `${redisPrefix}epoch:${sessionId}`
const viewersKey = (edge: string) => `${redisPrefix}viewers:${edge}`
const experienceKey = (edge: string) => `${redisPrefix}experience:${edge}`
const sessionIndex = `${redisPrefix}sessions`
const originIndex = `${redisPrefix}origins`
const edgeIndex = `${redisPrefix}viewer-edges`
const gopHash = `${redisPrefix}gop`

export type LiveRegistry = ReturnType<typeof createLiveRegistry>

/** Knowledge of all that is live, shared by all roles through Redis. Every method rejects when Redis is away. */
export function createLiveRegistry(redis: Redis) {
  const announce = (change: RegistryChange) => redis.publish(changesChannel, JSON.stringify(change))

  async function putIndexed(index: string, member: string, ttlMs: number) {
    const now = Date.now()
    await redis
      .multi()
      .zadd(index, now + ttlMs, member)
      .zremrangebyscore(index, '-inf', now)
      .exec()
  }

  async function readAll<Record>(index: string, keyOf: (id: string) => string): Promise<Record[]> {
    const ids = await redis.zrangebyscore(index, Date.now(), '+inf')
    if (ids.length === 0) return []
    const found = await redis.mget(ids.map(keyOf))
    return found.flatMap((json) => (json === null ? [] : [JSON.parse(json) as Record]))
  }

  async function readOne<Record>(key: string): Promise<Record | undefined> {
    const json = await redis.get(key)
    return json === null ? undefined : (JSON.parse(json) as Record)
  }

  return {
    /** Makes `sessionId` the one session of a channel; answers who holds the channel (itself when claimed). */
    async claimChannel(channelId: string, sessionId: string, takeover: boolean): Promise<string> {
      const key = claimKey(channelId)
      if (takeover) {
        await redis.set(key, sessionId, 'PX', sessionTtlMs)
        return sessionId
      }
      await redis.set(key, sessionId, 'PX', sessionTtlMs, 'NX')
      return (await redis.get(key)) ?? sessionId
    },

    /** Keeps a claim alive; false when another session holds the channel now. Takes a lapsed claim again. */
    async holdChannel(channelId: string, sessionId: string): Promise<boolean> {
      const held = await redis.eval(ifHeld, 1, claimKey(channelId), sessionId, sessionTtlMs)
      if (held === 1) return true
      return (await this.claimChannel(channelId, sessionId, false)) === sessionId
    },

    async releaseChannel(channelId: string, sessionId: string): Promise<void> {
      await redis.eval(ifHeld, 1, claimKey(channelId), sessionId)
    },

    /** Writes or refreshes a session; `announced` false for a mere heartbeat. */
    async putSession(session: LiveSession, announced = true): Promise<void> {
      const { sessionId, slug } = session
      await redis.set(sessionKey(sessionId), JSON.stringify(session), 'PX', sessionTtlMs)
      await putIndexed(sessionIndex, sessionId, sessionTtlMs)
      if (announced) await announce({ kind: 'session', change: 'put', sessionId, slug })
    },

    async removeSession({ sessionId, slug }: Pick<LiveSession, 'sessionId' | 'slug'>): Promise<void> {
      await redis.multi().del(sessionKey(sessionId)).zrem(sessionIndex, sessionId).exec()
      await announce({ kind: 'session', change: 'gone', sessionId, slug })
    },

    session: (sessionId: string) => readOne<LiveSession>(sessionKey(sessionId)),
    sessions: () => readAll<LiveSession>(sessionIndex, sessionKey),
    sessionIds: () => redis.zrangebyscore(sessionIndex, Date.now(), '+inf'),

    /** The number of a new transcode of a session, larger than all before (1 first). */
    async nextEpoch(sessionId: string): Promise<number> {
      const epoch = await redis.incr(epochKey(sessionId))
      await redis.expire(epochKey(sessionId), 24 * 3600)
      return epoch
    },

    /** Writes or refreshes an origin; false when a newer epoch holds the session: whoever gets false stops. */
    async putOrigin(origin: Origin, announced = true): Promise<boolean> {
      const { sessionId, slug, epoch } = origin
      const put = await redis.eval(
        putUnlessOlder,
        1,
        originKey(sessionId),
        epoch,
        JSON.stringify(origin),
        lapsedOriginTtlMs,
      )
      if (put !== 1) return false
      await putIndexed(originIndex, sessionId, originTtlMs)
      if (announced) await announce({ kind: 'origin', change: 'put', sessionId, slug })
      return true
    },

    async removeOrigin({ sessionId, slug }: Pick<Origin, 'sessionId' | 'slug'>): Promise<void> {
      await redis.multi().del(originKey(sessionId)).zrem(originIndex, sessionId).exec()
      await announce({ kind: 'origin', change: 'gone', sessionId, slug })
    },

    /** The origin of a session, or the one that it had before its transcoder was lost. */
    origin: (sessionId: string) => readOne<Origin>(originKey(sessionId)),
    /** All whose transcoders are alive. */
    origins: () => readAll<Origin>(originIndex, originKey),

    /** Remembers the longest GOP of a channel for its next session. */
    async rememberGop(channelId: string, gopMs: number): Promise<void> {
      await redis.hset(gopHash, channelId, Math.round(gopMs))
    },
    async rememberedGop(channelId: string): Promise<number | null> {
      const gop = await redis.hget(gopHash, channelId)
      return gop === null ? null : Number(gop)
    },

    /** Tells how many watch each channel through one edge; counts lapse with `originTtlMs`. */
    async putViewers(edge: string, bySlug: Record<string, ViewerTally>): Promise<void> {
      await redis.set(viewersKey(edge), JSON.stringify(bySlug), 'PX', originTtlMs)
      await putIndexed(edgeIndex, edge, originTtlMs)
    },

    /** Viewers of each channel over all edges; who is known to several counts once. */
    async viewers(): Promise<Map<string, number>> {
      const tallies = new Map<string, ViewerTally[]>()
      for (const bySlug of await readAll<Record<string, ViewerTally>>(edgeIndex, viewersKey))
        for (const [slug, tally] of Object.entries(bySlug)) {
          const known = tallies.get(slug)
          if (known) known.push(tally)
          else tallies.set(slug, [tally])
        }
      return new Map([...tallies].map(([slug, ofEdges]) => [slug, mergeTallies(ofEdges)]))
    },

    /** Tells how viewers of each channel fare at one edge, in the same way and time as `putViewers`. */
    async putExperience(edge: string, bySlug: Record<string, Experience>): Promise<void> {
      await redis.set(experienceKey(edge), JSON.stringify(bySlug), 'PX', originTtlMs)
    },

    /** How viewers of each channel fare, over all edges. */
    async experience(): Promise<Map<string, Experience>> {
      const total = new Map<string, Experience>()
      for (const bySlug of await readAll<Record<string, Experience>>(edgeIndex, experienceKey))
        for (const [slug, experience] of Object.entries(bySlug)) {
          const known = total.get(slug) ?? newExperience()
          addExperience(known, experience)
          total.set(slug, known)
        }
      return total
    },

    /**
     * Calls `onChange` for each change from now on; gives the function that ends it. Needs a connection of its own,
     * because a subscribed one can do nothing else. Messages sent while Redis is away are lost: look again on `ready`.
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
