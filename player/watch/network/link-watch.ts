import { createRoundTrip } from './round-trip.ts'
import { createThroughput } from './throughput.ts'

export type LinkWatch = ReturnType<typeof watchLink>

/** Parts of media and init segments: what the server holds only when it was requested ahead. */
const mediaPath = /\.(?:m4s|mp4|bin)$/

/**
 * Measures the link by the browser's own times of the responses, which do not depend on how busy the page is.
 * `isHeld`: whether the server was free to hold a request.
 */
export function watchLink(initial: { bits: number; rttMs: number }, isHeld: (url: string) => boolean) {
  const throughput = createThroughput(initial.bits)
  const roundTrip = createRoundTrip(initial.rttMs)
  let isMultiplexed = false

  function note(entry: PerformanceResourceTiming) {
    const { name, requestStart, responseStart, responseEnd, encodedBodySize } = entry
    // Without Timing-Allow-Origin all of these are 0.
    if (responseStart <= 0 || encodedBodySize === 0) return
    throughput.add({ start: responseStart, end: responseEnd, bytes: encodedBodySize })
    isMultiplexed = entry.nextHopProtocol !== 'http/1.1'
    const isMedia = mediaPath.test(new URL(name).pathname)
    if (isMedia && !isHeld(name) && requestStart > 0) roundTrip.add(responseStart - requestStart)
  }

  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry instanceof PerformanceResourceTiming) note(entry)
    // The browser keeps the first 250 entries for the page's whole life otherwise.
    performance.clearResourceTimings()
  })
  observer.observe({ type: 'resource', buffered: true })

  return {
    throughput,
    roundTrip,
    /** Whether requests share one connection. */
    get isMultiplexed() {
      return isMultiplexed
    },
    close: () => observer.disconnect(),
  }
}
