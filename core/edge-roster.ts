import type { PublicPlace } from './public-place.ts'
import { type Redis, redisPrefix } from './redis.ts'

/** How much an edge has to do. */
export interface EdgeLoad {
  viewers: number
  /** Longest time that its event loop was late lately, ms. */
  delayMs: number
  /** Share of the time in which its event loop was not idle, 0..1. */
  busy: number
  /** Bodies given to viewers, bits/s. */
  egressBits: number
  /** 0: at ease; 1: it saves work; 2: it lets no newcomers in. */
  overload: number
}

/** An edge as it tells itself to the others. */
export interface EdgeReport {
  /** Names it to players: the PATHWAY-ID of RFC 8216bis 4.4.6.2. */
  pathway: string
  place: PublicPlace
  /** `draining`: it is about to end and wants its viewers to go elsewhere. */
  state: 'serving' | 'draining'
  load: EdgeLoad
  /** ms since the epoch. */
  startedAt: number
}

/** How long an edge is listed after its last report, ms; it reports about three times in that time. */
export const edgeTtlMs = 4500
/** How long it is known where steering is served, after it was told last, ms: players do without, so there is no hurry. */
const steeringTtlMs = 15_000

const index = `${redisPrefix}edges`
const keyOf = (pathway: string) => `${redisPrefix}edge:${pathway}`
const steeringKey = `${redisPrefix}steering`

/** What the name of an edge looks like (RFC 8216bis 4.4.6.2: a to z, A to Z, 0 to 9, dots, dashes and underscores). */
export const pathwayPattern = '^[A-Za-z0-9._-]{1,64}$'

export type EdgeRoster = ReturnType<typeof createEdgeRoster>

/** All edges, and the place that steers players between them, in Redis. Every method rejects when Redis is away. */
export function createEdgeRoster(redis: Redis) {
  return {
    async put(report: EdgeReport): Promise<void> {
      const now = Date.now()
      await redis
        .multi()
        .set(keyOf(report.pathway), JSON.stringify(report), 'PX', edgeTtlMs)
        .zadd(index, now + edgeTtlMs, report.pathway)
        .zremrangebyscore(index, '-inf', now)
        .exec()
    },

    async remove(pathway: string): Promise<void> {
      await redis.multi().del(keyOf(pathway)).zrem(index, pathway).exec()
    },

    /** Of several reports of one place the newest alone: the others are of processes that ended without a word. */
    async edges(): Promise<EdgeReport[]> {
      const pathways = await redis.zrangebyscore(index, Date.now(), '+inf')
      if (pathways.length === 0) return []
      const found = await redis.mget(pathways.map(keyOf))
      const reports = found.flatMap((json) => (json === null ? [] : [JSON.parse(json) as EdgeReport]))
      return [
        ...new Map(
          reports
            .sort((one, other) => one.startedAt - other.startedAt)
            .map((report) => [JSON.stringify(report.place), report]),
        ).values(),
      ]
    },

    /** Tells where content steering is served. */
    async putSteering(place: PublicPlace): Promise<void> {
      await redis.set(steeringKey, JSON.stringify(place), 'PX', steeringTtlMs)
    },

    async steering(): Promise<PublicPlace | undefined> {
      const json = await redis.get(steeringKey)
      return json === null ? undefined : (JSON.parse(json) as PublicPlace)
    },
  }
}
