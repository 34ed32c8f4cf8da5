import type { Latency } from '../media/latency.ts'
import { type Redis, redisPrefix } from '../process/redis.ts'

/** What ingest must know about a channel to accept its publisher without asking the manager. */
export interface ChannelGrant {
  channelId: string
  slug: string
  latency: Latency
  /** Whether a second publisher takes the channel over instead of being refused. */
  takeover: boolean
}

const grantsKey = `${redisPrefix}grants`

export type PublishGrants = ReturnType<typeof createPublishGrants>

/**
 * Hashes of all valid stream keys and what each grants, written to Redis by the manager and read by ingest.
 * Keys themselves are never stored there.
 */
export function createPublishGrants(redis: Redis) {
  return {
    /**
     * Returns what the stream key with this hash grants; undefined when the key is unknown, rotated or
     * disabled. Rejects while Redis is away.
     */
    async find(keyHash: string): Promise<ChannelGrant | undefined> {
      const json = await redis.hget(grantsKey, keyHash)
      return json === null ? undefined : (JSON.parse(json) as ChannelGrant)
    },

    /** Lets `keyHash` publish and, in the same step, revokes `previousHash`. */
    async put(keyHash: string, grant: ChannelGrant, previousHash?: string): Promise<void> {
      const change = redis.multi().hset(grantsKey, keyHash, JSON.stringify(grant))
      if (previousHash !== undefined && previousHash !== keyHash) change.hdel(grantsKey, previousHash)
      await change.exec()
    },

    async remove(keyHash: string): Promise<void> {
      await redis.hdel(grantsKey, keyHash)
    },

    /** Replaces all grants in one step. The manager does this when it starts and when Redis comes back. */
    async replaceAll(grants: ReadonlyMap<string, ChannelGrant>): Promise<void> {
      const change = redis.multi().del(grantsKey)
      for (const [keyHash, grant] of grants) change.hset(grantsKey, keyHash, JSON.stringify(grant))
      await change.exec()
    },
  }
}
