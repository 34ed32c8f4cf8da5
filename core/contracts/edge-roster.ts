import { createHeartbeatRecords } from '../mechanisms/heartbeat-records.ts'
import { type Redis, redisPrefix } from '../process/redis.ts'
import type { PublicPlace } from './public-place.ts'

/** How busy an edge is. */
export interface EdgeLoad {
  viewers: number
  /** Longest recent delay of its event loop, ms. */
  delayMs: number
  /** Share of the time in which its event loop was not idle, 0..1. */
  busy: number
  /** Response bodies sent to viewers, bits/s. */
  egressBits: number
  /** 0: none; 1: it saves work; 2: it refuses newcomers. */
  overload: number
}

/** What an edge reports about itself. */
export interface EdgeReport {
  /** Its name for players: the PATHWAY-ID of RFC 8216bis 4.4.6.2. */
  pathway: string
  place: PublicPlace
  /** `draining`: it is about to end and wants its viewers to move to another edge. */
  state: 'serving' | 'draining'
  load: EdgeLoad
  /** ms since the epoch. */
  startedAt: number
}

/** How long an edge is listed after its last report, ms. Edges report about three times in that time. */
const edgeTtlMs = 4500
/**
 * How long the place of steering is known after it was last written, ms. Long, because players do without
 * steering.
 */
const steeringTtlMs = 15_000

const index = `${redisPrefix}edges`
const keyOf = (pathway: string) => `${redisPrefix}edge:${pathway}`
const steeringKey = `${redisPrefix}steering`

/** Pattern of an edge's name (RFC 8216bis 4.4.6.2: a to z, A to Z, 0 to 9, dots, dashes and underscores). */
export const pathwayPattern = '^[A-Za-z0-9._-]{1,64}$'

/**
 * All edges, and the place that steers players between them, in Redis. Every method rejects while Redis is
 * away.
 */
export function createEdgeRoster(redis: Redis) {
  const reports = createHeartbeatRecords<EdgeReport>(redis, { index, keyOf, ttlMs: edgeTtlMs })
  return {
    put: (report: EdgeReport): Promise<void> => reports.put(report.pathway, report),
    remove: reports.remove,

    /** Only the newest report of each place: older ones are of processes that crashed. */
    async edges(): Promise<EdgeReport[]> {
      const byAge = (await reports.all()).sort((one, other) => one.startedAt - other.startedAt)
      return [...new Map(byAge.map((report) => [JSON.stringify(report.place), report])).values()]
    },

    /** Publishes where content steering is served. */
    async putSteering(place: PublicPlace): Promise<void> {
      await redis.set(steeringKey, JSON.stringify(place), 'PX', steeringTtlMs)
    },

    async steering(): Promise<PublicPlace | undefined> {
      const json = await redis.get(steeringKey)
      return json === null ? undefined : (JSON.parse(json) as PublicPlace)
    },
  }
}
