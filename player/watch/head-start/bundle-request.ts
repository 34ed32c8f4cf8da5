import { startUri } from '../../../core/playback/media-paths.ts'
import { type StartDistance, type StartRate, startDistances } from '../../../core/playback/start-bundle.ts'
import { timeoutMs } from './prefetch.ts'

export interface BundleRequest {
  /** URL of the multivariant playlist. */
  url: string
  /** ID by which edges recognize the requests of this page as one viewer's. */
  viewerId: string
  rate: StartRate
  distance: StartDistance
  fetch: typeof fetch
  signal: AbortSignal
}

/**
 * Time without a response that shows a long round trip, ms: a connection and its first response take two.
 * Playback near the live edge would soon stall then.
 */
const longStartMs = 800
const farthest = startDistances.at(-1) ?? 0

/**
 * Requests a start bundle, and instead the one that begins farthest from the live edge when the response
 * takes longer than `longStartMs`.
 */
export async function requestBundle(request: BundleRequest): Promise<Response> {
  const { distance, signal } = request
  const giving = new AbortController()
  const timer = distance < farthest ? setTimeout(() => giving.abort(), longStartMs) : undefined
  try {
    return await send(request, distance, AbortSignal.any([signal, giving.signal]))
  } catch (error) {
    if (!giving.signal.aborted || signal.aborted) throw error
    return await send(request, farthest, signal)
  } finally {
    clearTimeout(timer)
  }
}

function send({ url, viewerId, rate, fetch }: BundleRequest, distance: StartDistance, signal: AbortSignal) {
  const bundleUrl = new URL(startUri(rate, distance), url)
  bundleUrl.searchParams.set('CMCD', `sid="${viewerId}",v=2`)
  return fetch(bundleUrl.href, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(2 * timeoutMs)]),
    priority: 'high',
    cache: 'no-store',
  })
}
