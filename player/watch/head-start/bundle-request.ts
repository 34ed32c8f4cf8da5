import { startUri } from '../../../core/playback/media-paths.ts'
import { bytesOfFiles, type StartIndex } from '../../../core/playback/start-bundle.ts'
import { readBundle } from './bundle-stream.ts'
import type { Start, StartProgress } from './first-request.ts'
import { timeoutMs } from './prefetch.ts'

export interface BundleRequestOptions {
  /** URL of the multivariant playlist. */
  url: string
  viewerId: string
  start: Start
  fetch: typeof window.fetch
}

export interface BundleHandler {
  setIndex(index: StartIndex): void
  /** Adds a complete file. `receivedBytes`: bytes of the bundle so far. `now`: ms of `performance.now()`. */
  addFile(uri: string, data: ArrayBuffer, receivedBytes: number, now: number): void
}

/** Minimum number of received bytes for an estimate of the bandwidth. */
const minMeasuredBytes = 30_000

/** Requests a start bundle. Its files are handed over once `read` is called. */
export function requestStart({ url, viewerId, start, fetch }: BundleRequestOptions) {
  const closing = new AbortController()
  const flow = { requestedAt: performance.now(), firstAt: 0, lastAt: 0, bytes: 0 }
  let totalBytes: number | undefined
  const bundleUrl = new URL(startUri(start.rate, start.distance), url)
  bundleUrl.searchParams.set('CMCD', `sid="${viewerId}",v=2`)
  const response = fetch(bundleUrl.href, {
    signal: AbortSignal.any([closing.signal, AbortSignal.timeout(2 * timeoutMs)]),
    priority: 'high',
    cache: 'no-store',
  })
  // `responded` and `read` reject with the failure. Without this line, a failure before their calls would be
  // an unhandled rejection.
  response.catch(() => {})

  function count(bytes: number) {
    flow.lastAt = performance.now()
    flow.firstAt ||= flow.lastAt
    flow.bytes = bytes
  }

  return {
    start,
    /** Resolves when the response headers have arrived. Rejects when there is no bundle. */
    async responded(): Promise<void> {
      const { ok, status } = await response
      flow.firstAt ||= performance.now()
      if (!ok) throw new Error(`${status}`)
    },
    /** Hands over the files as they arrive. Rejects when there is no bundle, or when it breaks off. */
    async read(handler: BundleHandler): Promise<void> {
      const { body } = await response
      if (body === null) throw new Error('no body')
      await readBundle(body, {
        onBytes: count,
        onIndex(index) {
          totalBytes = bytesOfFiles(index)
          handler.setIndex(index)
        },
        onFile: (uri, data, receivedBytes) => handler.addFile(uri, data, receivedBytes, flow.lastAt),
      })
    },
    progress: (): StartProgress => ({
      now: performance.now(),
      requestedAt: flow.requestedAt,
      firstByteAt: flow.firstAt || undefined,
      receivedBytes: flow.bytes,
      totalBytes,
    }),
    /**
     * Returns the estimated round trip, ms: half the time to the response, because a new connection takes one
     * round trip too. Infinity before the response.
     */
    rttMs: () => (flow.firstAt === 0 ? Number.POSITIVE_INFINITY : (flow.firstAt - flow.requestedAt) / 2),
    /** Returns the bandwidth with which the bundle arrived, bits/s; undefined when too little has arrived. */
    bandwidth() {
      const ms = flow.lastAt - flow.firstAt
      return flow.bytes < minMeasuredBytes ? undefined : (flow.bytes * 8000) / Math.max(2, ms)
    },
    abort: () => closing.abort(),
  }
}

export type BundleRequest = ReturnType<typeof requestStart>
