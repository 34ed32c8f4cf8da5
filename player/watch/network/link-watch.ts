import { arrivals } from './arrivals.ts'
import { createRoundTrip } from './round-trip.ts'
import { createThroughput, type Transfer } from './throughput.ts'

export type LinkWatch = ReturnType<typeof watchLink>

/**
 * Whether a URL is one of media. The server holds a media request only if the page made it ahead, so all
 * others show the round trip.
 */
const isMedia = (url: string) => /\.(?:m4s|mp4)$/.test(new URL(url).pathname)

/**
 * Whether a URL is one of a playlist, of media or of a start bundle. The page itself and its scripts may come
 * from another server, by a faster or slower way.
 */
const isOfShow = (url: string) => /\.(?:m3u8|m4s|mp4|bin)$/.test(new URL(url).pathname)

/** Duration of a transfer, ms, up to which the browser's times of it are not trusted. */
const doubtMs = 1

/**
 * Returns the transfer of a response; undefined when its length is unknown, or when it came from the
 * browser's cache, where nothing was transferred. WebKitGTK reports the length 0 and often the same time for
 * the first and the last byte. Then the page's own record is used: its times, and for media its length.
 * Playlists are compressed on the way.
 */
function transferOf({
  name,
  responseStart,
  responseEnd,
  encodedBodySize,
  transferSize,
}: PerformanceResourceTiming): Transfer | undefined {
  if (transferSize === 0 && encodedBodySize > 0) return undefined
  const seen = arrivals.bodyOf(name)
  const isInstant = responseEnd - responseStart <= doubtMs
  const { start, end } = (isInstant && seen) || { start: responseStart, end: responseEnd }
  // The browser counts 300 bytes for the header fields (Resource Timing, transferSize).
  const bytes = transferSize || encodedBodySize || (isMedia(name) && seen?.bytes) || 0
  return bytes === 0 ? undefined : { start, end, bytes }
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
    const { name, requestStart, responseStart } = entry
    const transfer = transferOf(entry)
    // The times of another origin are 0 without Timing-Allow-Origin.
    if (responseStart <= 0 || transfer === undefined || !isOfShow(name)) return
    throughput.add(transfer)
    isMultiplexed = entry.nextHopProtocol !== 'http/1.1'
    if (isMedia(name) && !isHeld(name) && requestStart > 0) roundTrip.add(responseStart - requestStart)
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
