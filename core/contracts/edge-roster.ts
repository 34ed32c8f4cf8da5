import { createHeartbeatRecords } from '../mechanisms/heartbeat-records.ts'
import { type Redis, redisPrefix } from '../process/redis.ts'
import type { PublicPlace } from './public-place.ts'

export interface EdgeLoad {
  viewers: number
  /** Delay of the event loop, ms: the second highest of four samples. A single pause does not count. */
  delayMs: number
  /** Share of recent time in which the event loop was not idle, 0 to 1. */
  busy: number
  /** Rate of response bodies sent to viewers and other edges, bits/s. */
  egressBits: number
  /**
   * Step of overload control. 0: none; 1: newcomers get playlists without parts; 2: everyone does; 3:
   * newcomers are refused as well.
   */
  overload: number
}

export interface EdgeReport {
  /** Name of the edge for players: the PATHWAY-ID of RFC 8216bis 4.4.6.2. */
  pathway: string
  place: PublicPlace
  /** `draining`: the edge will end soon, and its viewers should move to another edge. */
  state: 'serving' | 'draining'
  load: EdgeLoad
  /** Start of the edge's process, ms since the epoch. */
  startedAt: number
}

/** Time that an edge stays listed after its last report, ms. Edges report every 1.5 s. */
const edgeTtlMs = 4500
/**
 * Time that the place of steering stays known after it was last written, ms. An outdated place does little
 * harm, because players continue without steering.
 */
const steeringTtlMs = 15_000

const steeringKey = `${redisPrefix}steering`

/** Pattern of an edge's name. The characters are those of RFC 8216bis 4.4.6.2. */
export const pathwayPattern = '^[A-Za-z0-9._-]{1,64}$'

/**
 * The edges that are alive, and where content steering is served, in Redis. Every method rejects while Redis
 * is away.
 */
export function createEdgeRoster(redis: Redis) {
  const reports = createHeartbeatRecords<EdgeReport>(redis, {
    index: `${redisPrefix}edges`,
    prefix: `${redisPrefix}edge:`,
    ttlMs: edgeTtlMs,
  })
  return {
    put: (report: EdgeReport): Promise<void> => reports.put(report.pathway, report),
    remove: reports.remove,

    /**
     * Returns one report per place, that of the process that started last. Older reports of the same place
     * are from processes that crashed.
     */
    async edges(): Promise<EdgeReport[]> {
      const byAge = (await reports.all()).sort((one, other) => one.startedAt - other.startedAt)
      return [...new Map(byAge.map((report) => [JSON.stringify(report.place), report])).values()]
    },

    /** Publishes where content steering is served. The manager repeats this before the place lapses. */
    async putSteering(place: PublicPlace): Promise<void> {
      await redis.set(steeringKey, JSON.stringify(place), 'PX', steeringTtlMs)
    },

    async steering(): Promise<PublicPlace | undefined> {
      const json = await redis.get(steeringKey)
      return json === null ? undefined : (JSON.parse(json) as PublicPlace)
    },
  }
}
