import type { Redis } from '../process/redis.ts'

export interface HeartbeatRecordsOptions {
  /** Sorted set that lists the ids of present records; the score is when each lapses, ms since the epoch. */
  index: string
  /** Redis key of a record. */
  keyOf(id: string): string
  /**
   * A record is listed this long after it was last put, ms. Owners put theirs about three times in that time.
   */
  ttlMs: number
  /** How long a record stays readable by id, ms; `ttlMs` by default. */
  keptMs?: number
}

/**
 * JSON records in Redis that exist as long as their owners keep writing them. The index makes a listing cheap
 * in a large Redis. Every method rejects while Redis is away.
 */
export function createHeartbeatRecords<Value>(
  redis: Redis,
  { index, keyOf, ttlMs, keptMs = ttlMs }: HeartbeatRecordsOptions,
) {
  return {
    async put(id: string, value: Value): Promise<void> {
      const now = Date.now()
      await redis
        .multi()
        .set(keyOf(id), JSON.stringify(value), 'PX', keptMs)
        .zadd(index, now + ttlMs, id)
        .zremrangebyscore(index, '-inf', now)
        .exec()
    },

    /** Lists a record that was written by other means. */
    async list(id: string): Promise<void> {
      const now = Date.now()
      await redis
        .multi()
        .zadd(index, now + ttlMs, id)
        .zremrangebyscore(index, '-inf', now)
        .exec()
    },

    async remove(id: string): Promise<void> {
      await redis.multi().del(keyOf(id)).zrem(index, id).exec()
    },

    /** One record, listed or not; undefined when there is none. */
    async get(id: string): Promise<Value | undefined> {
      const json = await redis.get(keyOf(id))
      return json === null ? undefined : (JSON.parse(json) as Value)
    },

    /** Ids of all records that have not lapsed. */
    ids: (): Promise<string[]> => redis.zrangebyscore(index, Date.now(), '+inf'),

    /** All records that have not lapsed. */
    async all(): Promise<Value[]> {
      const ids = await redis.zrangebyscore(index, Date.now(), '+inf')
      if (ids.length === 0) return []
      const found = await redis.mget(ids.map(keyOf))
      return found.flatMap((json) => (json === null ? [] : [JSON.parse(json) as Value]))
    },
  }
}
