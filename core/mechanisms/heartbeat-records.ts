import type { Redis } from '../process/redis.ts'

export interface HeartbeatRecordsOptions {
  /** Key of a sorted set of record ids. The score is when the record lapses, ms since the epoch. */
  index: string
  keyOf(id: string): string
  /** Time that a record stays listed after it was last written, ms. Owners write several times in it. */
  ttlMs: number
  /** Time that a record stays readable by its id after it was last written, ms; `ttlMs` by default. */
  keptMs?: number
}

/**
 * JSON records in Redis that lapse when their owners stop writing them. With the index, a listing need not
 * scan the keys of Redis. Every method rejects while Redis is away.
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

    /** Lists a record that its owner wrote to Redis without `put`, for example in a script. */
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

    /** Returns a record, even one that has lapsed but is still kept; undefined when there is none. */
    async get(id: string): Promise<Value | undefined> {
      const json = await redis.get(keyOf(id))
      return json === null ? undefined : (JSON.parse(json) as Value)
    },

    /** Returns the ids of the records that have not lapsed. */
    ids: (): Promise<string[]> => redis.zrangebyscore(index, Date.now(), '+inf'),

    /** Returns the records that have not lapsed. */
    async all(): Promise<Value[]> {
      const ids = await redis.zrangebyscore(index, Date.now(), '+inf')
      if (ids.length === 0) return []
      const found = await redis.mget(ids.map(keyOf))
      return found.flatMap((json) => (json === null ? [] : [JSON.parse(json) as Value]))
    },
  }
}
