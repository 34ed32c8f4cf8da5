/** Time over which the bytes that arrive are counted, ms, and the least time that shows a bandwidth. */
const windowMs = 600
const minMs = 400

/** Records the bytes of bodies as they arrive. Times are ms of `performance.now()`. */
export function createArrivals() {
  let recent: { at: number; bytes: number }[] = []
  /** When the first bytes of each body in progress arrived. */
  const begun = new Map<object, number>()
  let lastAt = 0

  return {
    add(body: object, bytes: number, now: number): void {
      lastAt = now
      if (!begun.has(body)) begun.set(body, now)
      recent = recent.filter(({ at }) => at > now - windowMs)
      recent.push({ at: now, bytes })
    },

    /** To be called when a body is complete or has failed. */
    end(body: object): void {
      begun.delete(body)
    },

    /**
     * Returns the bandwidth that the bodies in progress show now, bits/s; undefined while none has been
     * arriving for long enough.
     */
    bits(now: number): number | undefined {
      const since = Math.min(...begun.values())
      if (begun.size === 0 || now - since < minMs) return undefined
      const from = Math.max(since, now - windowMs)
      const bytes = recent.reduce((sum, each) => sum + (each.at > from ? each.bytes : 0), 0)
      return (bytes * 8000) / (now - from)
    },

    /** When bytes of any body arrived last; 0 before. */
    get lastAt() {
      return lastAt
    },
  }
}

/** The bodies of this page. */
export const arrivals = createArrivals()
