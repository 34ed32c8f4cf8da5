/** A body that has arrived. Times are ms of `performance.now()`. */
export interface Transfer {
  /** When the first byte of the response arrived. */
  start: number
  /** When the last byte arrived. */
  end: number
  bytes: number
}

/** Bandwidth of the last seconds, bits/s. */
export interface ThroughputEstimate {
  /** Over the last `fastMs`. */
  fast: number
  /** Over the last `slowMs`. */
  slow: number
  /**
   * What playback can rely on: the smaller of `fast` and `slow`. If `fast` has been greater for
   * `sustainedMs`, the minimum of `fast` in that time.
   */
  safe: number
}

/** Lengths of the two windows, ms. */
const fastMs = 2500
const slowMs = 10_000
/** Time after which `safe` follows a faster link although `slow` is still low, ms. */
const sustainedMs = 2500
/** Minimum number of bytes in a window for a new estimate, so that one small part decides nothing. */
const minBytes = 24_000
/**
 * Length of a packet, bytes. The first one arrives with the headers, before the time of a transfer begins, so
 * its bytes are not counted. If another transfer is in progress then, its time covers them.
 */
const packetBytes = 1460
/** Resolution of the clock, ms. A shorter time counts as this long. */
const minBusyMs = 1
/** Maximum bandwidth that is measured, bits/s. */
const maxBits = 100_000_000
const maxTransfers = 256
/**
 * Share of the estimate below which transfers in progress show that the link has become slower. What was
 * measured more than `limitMs` before then counts no more.
 */
const brokenShare = 0.6
const limitMs = 600

/**
 * Estimates the bandwidth from the time during which bytes arrived. Time that a request waits, at the server
 * or on the way, does not count, and neither does time without a request. Transfers that overlap share the
 * link: their bytes are added, and their common time counts once. `initialBits` is the estimate to begin
 * with, bits/s.
 */
export function createThroughput(initialBits: number) {
  let transfers: Transfer[] = []
  let fastLog: { at: number; bits: number }[] = []
  let estimate: ThroughputEstimate = { fast: initialBits, slow: initialBits, safe: initialBits }

  function measure(windowMs: number, now: number): number | undefined {
    const recent = transfers.filter(({ end }) => end > now - windowMs)
    const { bytes, ms } = busyTime(recent)
    return bytes < minBytes ? undefined : Math.min(maxBits, (bytes * 8000) / Math.max(minBusyMs, ms))
  }

  /** Returns the minimum of `fast` in the last `sustainedMs`, bits/s; 0 until it is known for that long. */
  function sustained(fast: number, now: number): number {
    fastLog.push({ at: now, bits: fast })
    const covering = fastLog.findLastIndex(({ at }) => at <= now - sustainedMs)
    if (covering < 0) return 0
    fastLog = fastLog.slice(covering)
    return Math.min(...fastLog.map(({ bits }) => bits))
  }

  return {
    add(transfer: Transfer): void {
      transfers.push(transfer)
      if (transfers.length > maxTransfers) transfers.shift()
      const now = transfer.end
      const slow = measure(slowMs, now) ?? estimate.slow
      const fast = measure(fastMs, now) ?? estimate.fast
      estimate = { fast, slow, safe: Math.min(fast, Math.max(slow, sustained(fast, now))) }
    },

    /** Lowers the estimate at once to `bits` per second, which transfers in progress show at `now`, ms. */
    limit(bits: number, now: number): void {
      if (bits < estimate.fast) fastLog = []
      if (bits < estimate.safe * brokenShare) transfers = transfers.filter(({ end }) => end > now - limitMs)
      estimate = {
        fast: Math.min(estimate.fast, bits),
        slow: Math.min(estimate.slow, bits),
        safe: Math.min(estimate.safe, bits),
      }
    },

    get estimate() {
      return estimate
    },
  }
}

/** Returns the time, ms, during which at least one transfer was in progress, and the bytes that arrived. */
function busyTime(transfers: readonly Transfer[]): { bytes: number; ms: number } {
  const busy = { bytes: 0, ms: 0 }
  let until = Number.NEGATIVE_INFINITY
  for (const { start, end, bytes } of transfers.toSorted((a, b) => a.start - b.start)) {
    busy.bytes += start < until ? bytes : Math.max(0, bytes - packetBytes)
    busy.ms += Math.max(0, end - Math.max(start, until))
    until = Math.max(until, end)
  }
  return busy
}
