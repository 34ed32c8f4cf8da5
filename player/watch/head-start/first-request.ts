import {
  type StartDistance,
  type StartRate,
  startDistances,
  startRates,
} from '../../../core/playback/start-bundle.ts'

/** What the transfer of the page itself has shown about the network. */
export interface FirstBytes {
  /** Round trip, ms; 0 when it is unknown. */
  rttMs: number
  /** Bits/s; undefined when the page fits into one packet, or came from a cache. */
  bitsPerSecond: number | undefined
}

type NavigationFigures = Pick<
  PerformanceNavigationTiming,
  'connectStart' | 'connectEnd' | 'requestStart' | 'responseStart' | 'responseEnd' | 'encodedBodySize'
>

/** Length of a packet, bytes. The first one arrives with the headers, so it does not count. */
const packetBytes = 1460
/** Minimum duration of a transfer in the calculation, ms. */
const minTransferMs = 1

/**
 * Measures the network by the page that is being loaded. `bytesSoFar`: length of what has been parsed of it
 * at the time `now`, ms of `performance.now()`, for a page that is not complete.
 */
export function readFirstBytes(
  navigation: NavigationFigures | undefined,
  bytesSoFar: number,
  now: number,
): FirstBytes {
  if (navigation === undefined) return { rttMs: 0, bitsPerSecond: undefined }
  const { connectStart, connectEnd, requestStart, responseStart } = navigation
  const isComplete = navigation.responseEnd > 0
  const connectMs = connectEnd - connectStart
  const responseMs = Math.max(0, responseStart - requestStart)
  const transferMs = (isComplete ? navigation.responseEnd : now) - responseStart
  const bytes = (isComplete ? navigation.encodedBodySize : bytesSoFar) - packetBytes
  return {
    // A connection takes one round trip; the response takes one and the time of the server.
    rttMs: connectMs > 1 ? Math.min(connectMs, responseMs) : responseMs,
    bitsPerSecond: bytes <= 0 ? undefined : (bytes * 8000) / Math.max(minTransferMs, transferMs),
  }
}

/** Share of the measured bitrate that the first rendition may take: a short measurement is a rough one. */
const firstShare = 0.5
/**
 * Round trip above which playback starts farthest from the live edge, ms, because parts do not arrive in
 * time.
 */
const longRttMs = 350
/** Round trip above which playback starts farther from the live edge than usual, ms. */
const shortRttMs = 80
/** Bitrate below which playback starts farther from the live edge than usual, bits/s. */
const slowBits = 2_500_000

/** Chooses the start bundle to ask for. `bitsPerSecond` may be remembered from an earlier visit. */
export function chooseStart({ rttMs, bitsPerSecond }: { rttMs: number; bitsPerSecond: number }): {
  rate: StartRate
  distance: StartDistance
} {
  const rate = startRates.findLast((each) => each * 1000 <= bitsPerSecond * firstShare) ?? startRates[0]
  const [usual, more, most] = startDistances
  if (rttMs > longRttMs) return { rate, distance: most }
  return { rate, distance: rttMs > shortRttMs || bitsPerSecond < slowBits ? more : usual }
}
