import { startUri } from '../../../core/playback/media-paths.ts'
import type { StartDistance, StartRate } from '../../../core/playback/start-bundle.ts'
import { readBundle } from './bundle-stream.ts'
import type { EarlyMedia } from './early-media.ts'
import { createEarlyPlayback } from './early-playback.ts'
import { follow } from './follow.ts'
import { createPrefetch, type PrefetchedBody, timeoutMs } from './prefetch.ts'

/** What the page requested before its player was loaded. */
export interface HeadStart {
  /** Id by which edges recognize the requests of this page as one viewer's. */
  viewerId: string
  /**
   * The multivariant playlist: from the start bundle or, without one, the response to a request of its own.
   */
  multivariant: Promise<Response>
  /** URL of the media playlist of the video that was requested; undefined before it is known. */
  variantUrl(): string | undefined
  /** Bits/s at which the first media arrived; undefined when too little has arrived. */
  measuredBandwidth(): number | undefined
  /** Round trip to the manager while the page loaded, ms. */
  rttMs: number
  /**
   * Resolves when the start bundle is complete or has failed. The code that plays should be loaded then:
   * earlier, it would delay the first frame.
   */
  ready: Promise<void>
  /**
   * Hands over what was requested from `url`, once; undefined when nothing was. The request may still be in
   * progress, and rejects when it failed.
   */
  take(url: string): Promise<PrefetchedBody> | undefined
  /**
   * Hands over the media source that is attached to the video element, once; undefined when hls.js has to
   * attach its own. Ends the requests for newer playlists.
   */
  takeMedia(): Promise<EarlyMedia | undefined>
  /** Makes no further requests and drops what was not taken. */
  close(): void
}

export interface HeadStartOptions {
  /** URL of the multivariant playlist. */
  url: string
  viewerId: string
  /** Start bundle to request: bitrate, kbit/s, and distance from the live edge, s. */
  rate: StartRate
  distance: StartDistance
  rttMs: number
  video: HTMLVideoElement
  fetch?: typeof fetch
}

/** Minimum length of a bundle by which the bandwidth is measured, bytes. */
const minMeasuredBytes = 30_000

/**
 * Requests all that playback needs to begin and plays it, while the player is still loading. The player does
 * not rely on this: it requests what is missing.
 */
export function startHeadStart(options: HeadStartOptions): HeadStart {
  const { url, viewerId, rate, distance, video, fetch = window.fetch.bind(window) } = options
  const prefetch = createPrefetch(viewerId, fetch)
  const closing = new AbortController()
  const multivariant = Promise.withResolvers<Response>()
  const ready = Promise.withResolvers<void>()
  const playback = createEarlyPlayback({ url, video, prefetch })
  const flow = { bytes: 0, firstAt: 0, lastAt: 0 }

  async function begin() {
    const bundleUrl = new URL(startUri(rate, distance), url)
    bundleUrl.searchParams.set('CMCD', `sid="${viewerId}",v=2`)
    const response = await fetch(bundleUrl.href, {
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(2 * timeoutMs)]),
      priority: 'high',
      cache: 'no-store',
    })
    if (!response.ok || response.body === null) throw new Error(`${response.status}`)
    await readBundle(response.body, {
      onIndex: playback.setIndex,
      onFile(uri, data, receivedBytes) {
        flow.lastAt = performance.now()
        flow.firstAt ||= flow.lastAt
        flow.bytes = receivedBytes
        if (playback.addFile(uri, data, receivedBytes, flow.lastAt) === 'multivariant')
          multivariant.resolve(new Response(data))
      },
    })
    playback.end()
    ready.resolve()
    await Promise.all(
      playback
        .tracks()
        .map((track) =>
          follow(prefetch, track.url, closing.signal, (data) => playback.addMedia(track.name, data)),
        ),
    )
  }

  // Without a bundle, the multivariant playlist is requested: the response shows why there is none.
  void begin().catch(() => {
    playback.end()
    ready.resolve()
    multivariant.resolve(fetch(url, { signal: AbortSignal.timeout(timeoutMs) }))
  })
  multivariant.promise.catch(() => {})

  return {
    viewerId,
    multivariant: multivariant.promise,
    rttMs: options.rttMs,
    ready: ready.promise,
    variantUrl: playback.variantUrl,
    measuredBandwidth() {
      const ms = flow.lastAt - flow.firstAt
      return flow.bytes < minMeasuredBytes ? undefined : (flow.bytes * 8000) / Math.max(2, ms)
    },
    take: prefetch.take,
    takeMedia() {
      closing.abort()
      return playback.takeMedia()
    },
    close() {
      closing.abort()
      prefetch.clear()
    },
  }
}
