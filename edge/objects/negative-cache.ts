import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import type { Failure } from './failure.ts'

interface Refusal {
  failure: Failure
  /** When the failed request was sent to the origin. */
  askedAt: number
  until: number
}

export type NegativeCache = ReturnType<typeof createNegativeCache>

/**
 * Keeps failures for a moment, so that they are repeated without asking the origin again (negative caching).
 * At most `limit` are kept; the oldest goes first. Times are ms of the edge's clock.
 */
export function createNegativeCache(limit = 10_000) {
  const refusals = new BoundedMap<string, Refusal>(limit)
  return {
    /**
     * Returns the failure to repeat; undefined when there is none. `voidBefore`: when the newest playlist
     * arrived. A failure of an earlier request is dropped, because that playlist may list what was refused.
     */
    get(key: string, now: number, voidBefore: number): Failure | undefined {
      const refusal = refusals.get(key)
      if (refusal === undefined) return undefined
      if (refusal.until > now && refusal.askedAt > voidBefore) return refusal.failure
      refusals.delete(key)
      return undefined
    },

    /** Keeps a failure for its `keepMs`. With 0 ms, only the key's previous failure is removed. */
    put(key: string, failure: Failure, askedAt: number, now: number): void {
      if (failure.keepMs === 0) refusals.delete(key)
      else refusals.set(key, { failure, askedAt, until: now + failure.keepMs })
    },

    delete: (key: string): void => void refusals.delete(key),

    get size() {
      return refusals.size
    },
  }
}
