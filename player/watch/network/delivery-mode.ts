/** What is loaded: each part as it appears, or whole segments, with far fewer requests. */
export type DeliveryMode = 'parts' | 'segments'

export interface DeliverySample {
  /** Time of a monotonic clock, ms. */
  atMs: number
  /** Least round trip of the last requests, ms. */
  rttMs: number
  /** Part target of the playlist, seconds. */
  partSeconds: number
  /** Whether requests share one connection, as in HTTP/2. Otherwise browsers open up to six per server. */
  isMultiplexed: boolean
}

/**
 * Maximum round trip with which parts are loaded, as a multiple of the part target. It depends on whether
 * requests share one connection.
 */
const leaveParts = { separate: 1.4, multiplexed: 3 }
/**
 * Time for which the round trip must stay above the maximum before segments are loaded, ms. A queue that the
 * page's own requests cause is shorter.
 */
const leaveAfterMs = 2000
/** Share of the maximum round trip below which parts are loaded again. */
const returnShare = 0.7
/** Lower bound of the maximum round trip, ms. */
const alwaysPartsMs = 200
/**
 * Time for which the round trip must stay below `returnShare` of the maximum before parts are loaded again,
 * ms.
 */
const returnAfterMs = 10_000

/**
 * Decides what to load. Each part needs two requests per track: for the playlist and for the part. With a
 * long round trip, the browser's connections are all busy, and parts arrive later than the segment would.
 */
export function createDeliveryMode(initialMode: DeliveryMode = 'parts') {
  let mode = initialMode
  let badSince: number | undefined
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
        badSince = rttMs > limitMs ? (badSince ?? atMs) : undefined
        if (badSince !== undefined && atMs - badSince >= leaveAfterMs) mode = 'segments'
        goodSince = undefined
        return mode
      }
      goodSince = rttMs < limitMs * returnShare ? (goodSince ?? atMs) : undefined
      if (goodSince !== undefined && atMs - goodSince >= returnAfterMs) mode = 'parts'
      badSince = undefined
      return mode
    },
  }
}
