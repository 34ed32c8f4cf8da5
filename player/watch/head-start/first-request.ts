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
  /** Bits/s; undefined when the transfer was too short to show it. */
  bitsPerSecond: number | undefined
}

type NavigationFigures = Pick<
  PerformanceNavigationTiming,
  'connectStart' | 'connectEnd' | 'requestStart' | 'responseStart' | 'responseEnd' | 'encodedBodySize'
>

/** Length of a packet, bytes. The first one arrives with the headers, so its bytes are not counted. */
const packetBytes = 1460
/**
 * Minimum duration of a transfer that shows a bandwidth, ms. A shorter one shows only how busy the browser
 * was.
 */
const minTransferMs = 300
/**
 * Bandwidth assumed where none was measured, bits/s. `betterStart` corrects a start that is too optimistic.
 */
export const quickBits = 12_500_000

/**
 * Measures the network by the transfer of the page itself. `bytesSoFar`: length of what the browser has
 * parsed by the time `now`, ms of `performance.now()`; used while the page is incomplete.
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
    // A TCP connection takes one round trip; the response takes one and the time of the server.
    rttMs: connectMs > 1 ? Math.min(connectMs, responseMs) : responseMs,
    bitsPerSecond: bytes <= 0 || transferMs < minTransferMs ? undefined : (bytes * 8000) / transferMs,
  }
}

/**
 * Share of the measured bandwidth that the first rendition may take. It is small because a short measurement
 * is rough.
 */
const firstShare = 0.5
/**
 * Round trip above which playback starts farthest from the live edge, ms, because parts do not arrive in
 * time.
 */
export const longRttMs = 350
/** Round trip above which playback starts farther from the live edge than usual, ms. */
const shortRttMs = 80
/** Bandwidth below which playback starts farther from the live edge than usual, bits/s. */
const slowBits = 2_500_000

/** The parameters of a request for a start bundle. */
export interface Start {
  /** Maximum bitrate, kbit/s. */
  rate: StartRate
  /** Distance from the live edge, s. */
  distance: StartDistance
}

/** Chooses the start bundle to ask for. `bitsPerSecond` may be remembered from an earlier visit. */
export function chooseStart({ rttMs, bitsPerSecond }: { rttMs: number; bitsPerSecond: number }): Start {
  const rate = startRates.findLast((each) => each * 1000 <= bitsPerSecond * firstShare) ?? startRates[0]
  const [usual, more, most] = startDistances
  if (rttMs > longRttMs) return { rate, distance: most }
  return { rate, distance: rttMs > shortRttMs || bitsPerSecond < slowBits ? more : usual }
}

/** What is known of a start bundle that is on its way. Times are ms of one clock. */
export interface StartProgress {
  now: number
  requestedAt: number
  /** When the response began to arrive; undefined before. */
  firstByteAt: number | undefined
  receivedBytes: number
  /** Length of the bundle; undefined before its index is here. */
  totalBytes: number | undefined
}

/**
 * Time without a response after which the link may be too slow, or the round trip too long, for the requested
 * bundle, ms. The response of an edge takes two round trips, one of them for the connection.
 */
export const silentMs = 500
/** Time to the response above which the start farthest from the live edge is better, ms. */
const lateMs = 850
/** Time for which bytes must have arrived before their rate counts, ms. */
const minFlowMs = 250
/** Maximum time that the rest of a bundle may take to arrive, ms. */
const maxRestMs = 1250

/**
 * Returns a start bundle that suits the link better than `current`, which is on its way; undefined when
 * `current` suits, or when it is too early to say. A page cannot know the link to the edge before its first
 * request.
 */
export function betterStart(current: Start, progress: StartProgress): Start | undefined {
  const { now, requestedAt, firstByteAt, receivedBytes, totalBytes } = progress
  const [lowest] = startRates
  const farthest = startDistances[startDistances.length - 1] ?? 0
  if (current.rate === lowest) return undefined
  const far = { rate: lowest, distance: farthest }
  if (firstByteAt === undefined) return now - requestedAt >= silentMs ? far : undefined
  if (firstByteAt - requestedAt > lateMs) return far
  if (totalBytes === undefined) return undefined
  const flowMs = now - firstByteAt
  const bytesPerMs = receivedBytes / flowMs
  if (flowMs < minFlowMs || (totalBytes - receivedBytes) / bytesPerMs < maxRestMs) return undefined
  const rttMs = (firstByteAt - requestedAt) / 2
  const better = chooseStart({ rttMs, bitsPerSecond: bytesPerMs * 8000 })
  return better.rate < current.rate ? better : undefined
}
