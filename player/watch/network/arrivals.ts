import type { Transfer } from './throughput.ts'

/** Length of the window in which arrived bytes are counted, ms. */
const windowMs = 600
/**
 * Minimum time for which bodies must have been arriving before they show a bandwidth: the greater of `minMs`
 * and `minRoundTrips` round trips, because a transfer begins slowly.
 */
const minMs = 250
const minRoundTrips = 4

/** Maximum number of complete bodies that are kept. */
const maxArrived = 64

/** Records the bytes of bodies as they arrive. Times are ms of `performance.now()`. */
export function createArrivals() {
  let recent: { at: number; bytes: number }[] = []
  /**
   * Bodies in progress: time of the first bytes, number of bytes so far, and number of bytes to come, NaN
   * when it is unknown.
   */
  const begun = new Map<object, { at: number; received: number; left: number }>()
  const arrived = new Map<string, Transfer>()
  let lastAt = 0

  return {
    /**
     * Records `bytes` that arrived at `now`. `length` is the length of the whole body; NaN when it is
     * unknown.
     */
    add(body: object, bytes: number, now: number, length = Number.NaN): void {
      lastAt = now
      const { at, received, left } = begun.get(body) ?? { at: now, received: 0, left: length }
      begun.set(body, { at, received: received + bytes, left: left - bytes })
      recent = recent.filter(({ at }) => at > now - windowMs)
      recent.push({ at: now, bytes })
    },

    /** Must be called when a body is complete or has failed. */
    end(body: object): void {
      begun.delete(body)
    },

    /** Records a complete body. The last `maxArrived` are kept. */
    completed(url: string, body: Transfer): void {
      arrived.set(url, body)
      for (const oldest of arrived.keys()) if (arrived.size > maxArrived) arrived.delete(oldest)
    },

    /** Returns what `completed` recorded; undefined when it is not kept. */
    bodyOf: (url: string) => arrived.get(url),

    /**
     * Returns the bandwidth that the bodies in progress show now, bits/s; undefined while none has been
     * arriving for long enough. `rttMs` is the round trip, ms.
     */
    bits(now: number, rttMs: number): number | undefined {
      const since = Math.min(...[...begun.values()].map(({ at }) => at))
      if (begun.size === 0 || now - since < Math.max(minMs, minRoundTrips * rttMs)) return undefined
      const from = Math.max(since, now - windowMs)
      const bytes = recent.reduce((sum, each) => sum + (each.at > from ? each.bytes : 0), 0)
      return (bytes * 8000) / (now - from)
    },

    /** Number of bytes to come of the bodies in progress, as far as their lengths are known. */
    get left(): number {
      return [...begun.values()].reduce((sum, { left }) => sum + (left || 0), 0)
    },

    /** Number of bytes so far of the bodies in progress. */
    get received(): number {
      return [...begun.values()].reduce((sum, each) => sum + each.received, 0)
    },

    /** Time of the last bytes of any body; 0 before the first. */
    get lastAt() {
      return lastAt
    },
  }
}

/** Arrivals of all bodies that the page requests with `requestBody`. */
export const arrivals = createArrivals()
