import { BoundedMap } from './bounded-map.ts'
import { TokenBucket } from './token-bucket.ts'

export interface KeyedBudgetOptions {
  /** Number of tokens that each key gets per second; 0: no limit. */
  perSecond: number
  /** Maximum number of tokens that a key has at once. */
  burst: number
  /** Maximum number of keys that are remembered. Beyond it, the least recently used key is forgotten. */
  maxKeys?: number
}

/** Limits how often something is done for each key, such as the address of a client. */
export function createKeyedBudget({ perSecond, burst, maxKeys = 10_000 }: KeyedBudgetOptions) {
  const buckets = new BoundedMap<string, TokenBucket>(maxKeys)
  return {
    /** Takes a token of a key. Returns false when the key has none. `now`: ms of a monotonic clock. */
    take(key: string, now: number): boolean {
      if (perSecond === 0) return true
      const bucket = buckets.get(key) ?? new TokenBucket(perSecond, burst)
      buckets.set(key, bucket)
      return bucket.take(now)
    },

    get size() {
      return buckets.size
    },
  }
}

export type KeyedBudget = ReturnType<typeof createKeyedBudget>
