import type { Latency } from '../media/latency.ts'
import { type Redis, redisPrefix } from '../process/redis.ts'
import { readRunId } from '../process/redis-run.ts'

/** What a stream key allows. With it, ingest accepts a publisher without asking the manager. */
export interface ChannelGrant {
  channelId: string
  slug: string
  latency: Latency
  /** Whether a second publisher takes the channel over instead of being refused. */
  takeover: boolean
  /**
   * Maximum time for which a session waits for its publisher to return, ms. Undefined: that of the ingest's
   * settings.
   */
  graceMs?: number
  /** Sessions of higher priority keep more renditions when transcoders have no room. Undefined: 0. */
  priority?: number
  /** SHA-256 of the channel's slate, lower-case hex. Undefined: the channel has no slate. */
  slate?: string
}

const grantsKey = `${redisPrefix}grants`
const runKey = `${redisPrefix}grants-run`

/**
 * Redis script that returns the grant ARGV[1] in the hash KEYS[1], and 1 if KEYS[2] has the present run id.
 */
const findScript = `
${readRunId}
return { redis.call('HGET', KEYS[1], ARGV[1]), redis.call('GET', KEYS[2]) == runId and 1 or 0 }`

/** Redis script that writes the run id of Redis to KEYS[1]. */
const noteRunScript = `
${readRunId}
redis.call('SET', KEYS[1], runId)`

export type PublishGrants = ReturnType<typeof createPublishGrants>

/**
 * Grants of all valid stream keys in Redis, by the hash of the key. The manager writes them, and ingest reads
 * them.
 */
export function createPublishGrants(redis: Redis) {
  return {
    /**
     * Returns the grant of the stream key with this hash; undefined when the key is unknown or replaced, or
     * its channel is disabled. Rejects while Redis is away.
     */
    async find(keyHash: string): Promise<ChannelGrant | undefined> {
      const json = await redis.hget(grantsKey, keyHash)
      return json === null ? undefined : (JSON.parse(json) as ChannelGrant)
    },

    /**
     * Returns the grant as `find` does. After a restart Redis may have outdated grants: `isCurrent` is false
     * until a manager has written the grants again.
     */
    async findCurrent(keyHash: string): Promise<{ grant: ChannelGrant | undefined; isCurrent: boolean }> {
      const found = await redis.eval(findScript, 2, grantsKey, runKey, keyHash)
      const [json, isCurrent] = found as [string | null, number]
      const grant = json === null ? undefined : (JSON.parse(json) as ChannelGrant)
      return { grant, isCurrent: isCurrent === 1 }
    },

    /** Stores the grant of `keyHash` and, in the same step, removes that of `previousHash`. */
    async put(keyHash: string, grant: ChannelGrant, previousHash?: string): Promise<void> {
      const change = redis.multi().hset(grantsKey, keyHash, JSON.stringify(grant))
      if (previousHash !== undefined && previousHash !== keyHash) change.hdel(grantsKey, previousHash)
      await change.exec()
    },

    async remove(keyHash: string): Promise<void> {
      await redis.hdel(grantsKey, keyHash)
    },

    /** Replaces all grants in one step. */
    async replaceAll(grants: ReadonlyMap<string, ChannelGrant>): Promise<void> {
      const change = redis.multi().del(grantsKey)
      for (const [keyHash, grant] of grants) change.hset(grantsKey, keyHash, JSON.stringify(grant))
      await change.eval(noteRunScript, 1, runKey).exec()
    },
  }
}
