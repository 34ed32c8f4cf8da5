import type { Failure } from './failure.ts'

interface Refusal {
  failure: Failure
  askedAt: number
  until: number
}

export type Refusals = ReturnType<typeof createRefusals>

/**
 * Failures that are given again for a moment without asking the origin. At most `limit` are remembered, the oldest go first.
 * A refusal is void when it was asked for before `voidBefore`: since then a new playlist came, which may name what was refused.
 */
export function createRefusals(limit = 10_000) {
  const refusals = new Map<string, Refusal>()
  return {
    get(key: string, now: number, voidBefore: number): Failure | undefined {
      const refusal = refusals.get(key)
      if (refusal === undefined) return undefined
      if (refusal.until > now && refusal.askedAt > voidBefore) return refusal.failure
      refusals.delete(key)
      return undefined
    },

    put(key: string, failure: Failure, askedAt: number, now: number): void {
      refusals.delete(key)
      if (failure.keepMs === 0) return
      refusals.set(key, { failure, askedAt, until: now + failure.keepMs })
      for (const oldest of refusals.keys()) {
        if (refusals.size <= limit) break
        refusals.delete(oldest)
      }
    },

    delete: (key: string): void => void refusals.delete(key),

    get size() {
      return refusals.size
    },
  }
}
