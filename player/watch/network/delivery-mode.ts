/** What is loaded: each part as it appears, or whole segments, which take far fewer requests. */
export type DeliveryMode = 'parts' | 'segments'

export interface DeliverySample {
  /** Time of a monotonic clock, ms. */
  atMs: number
  /** Typical round trip, ms. */
  rttMs: number
  /** Duration of a part, seconds. */
  partSeconds: number
  /** Whether requests share one connection, as in HTTP/2. Otherwise browsers allow six at a time. */
  isMultiplexed: boolean
}

/** Round trip, as a multiple of a part, from which parts cannot be had in time, and below which they can. */
const leaveParts = { separate: 1.4, multiplexed: 3 }
const returnShare = 0.7
/** Round trip below which parts are always had in time, ms. */
const alwaysPartsMs = 200
/** Time that the link must have been good before parts are loaded again, ms. */
const returnAfterMs = 10_000

/**
 * Decides what to load. Each part needs two requests per track; with a long round trip the browser's
 * connections are all busy, and parts arrive later than the segment would.
 */
export function createDeliveryMode() {
  let mode: DeliveryMode = 'parts'
  let goodSince: number | undefined

  return {
    get mode() {
      return mode
    },
    decide({ atMs, rttMs, partSeconds, isMultiplexed }: DeliverySample): DeliveryMode {
      const limitMs = Math.max(
        alwaysPartsMs,
        partSeconds * 1000 * (isMultiplexed ? leaveParts.multiplexed : leaveParts.separate),
      )
      if (mode === 'parts') {
        if (rttMs > limitMs) mode = 'segments'
        goodSince = undefined
        return mode
      }
      goodSince = rttMs < limitMs * returnShare ? (goodSince ?? atMs) : undefined
      if (goodSince !== undefined && atMs - goodSince >= returnAfterMs) mode = 'parts'
      return mode
    },
  }
}
