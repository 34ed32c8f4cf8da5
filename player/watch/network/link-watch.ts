import { arrivals } from './arrivals.ts'
import { createRoundTrip } from './round-trip.ts'
import { createThroughput } from './throughput.ts'

export type LinkWatch = ReturnType<typeof watchLink>

/**
 * Paths of media. The server holds a media request only if the page made it ahead, so all others show the
 * round trip.
 */
const mediaPath = /\.(?:m4s|mp4)$/

/** Duration of a transfer, ms, up to which the browser's times of it are not trusted. */
const doubtMs = 1

/**
 * Returns when the first and the last byte of a response arrived, ms. WebKitGTK reports the same time for
 * both; then the times that the page itself recorded are used.
 */
function timesOf({ name, responseStart, responseEnd }: PerformanceResourceTiming) {
  const seen = responseEnd - responseStart > doubtMs ? undefined : arrivals.timesOf(name)
  return seen ?? { start: responseStart, end: responseEnd }
}

/**
 * Measures the link with the browser's resource timing, which does not depend on how busy the page is.
 * `initial` has the estimates to begin with: the bandwidth in bits/s and the round trip. `isHeld` returns
 * whether the server was free to hold a request; such a request does not show the round trip.
 */
export function watchLink(initial: { bits: number; rttMs: number }, isHeld: (url: string) => boolean) {
  const throughput = createThroughput(initial.bits)
  const roundTrip = createRoundTrip(initial.rttMs)
  let isMultiplexed = false

  function note(entry: PerformanceResourceTiming) {
    const { name, requestStart, responseStart, encodedBodySize } = entry
    // Both are 0 in responses of another origin without Timing-Allow-Origin.
    if (responseStart <= 0 || encodedBodySize === 0) return
    throughput.add({ ...timesOf(entry), bytes: encodedBodySize })
    isMultiplexed = entry.nextHopProtocol !== 'http/1.1'
    const isMedia = mediaPath.test(new URL(name).pathname)
    if (isMedia && !isHeld(name) && requestStart > 0) roundTrip.add(responseStart - requestStart)
  }

  function noteAll(entries: PerformanceEntryList) {
    for (const entry of entries) if (entry instanceof PerformanceResourceTiming) note(entry)
    // Without this line, the browser would keep the first 250 entries for the life of the page.
    performance.clearResourceTimings()
  }

  // The requests that the page has made so far are measured at once, before the first decisions.
  noteAll(performance.getEntriesByType('resource'))
  const observer = new PerformanceObserver((list) => noteAll(list.getEntries()))
  observer.observe({ type: 'resource' })

  return {
    throughput,
    roundTrip,
    /** Whether the last response came by HTTP/2 or HTTP/3, where all requests share one connection. */
    get isMultiplexed() {
      return isMultiplexed
    },
    close: () => observer.disconnect(),
  }
}
