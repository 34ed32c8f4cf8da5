import { type BundleRequest, requestStart } from './bundle-request.ts'
import type { EarlyMedia } from './early-media.ts'
import { createEarlyPlayback } from './early-playback.ts'
import { longRttMs, type Start } from './first-request.ts'
import { readFittingStart } from './fitting-start.ts'
import { follow } from './follow.ts'
import { createPrefetch, type PrefetchedBody, timeoutMs } from './prefetch.ts'

/** What the page requested before hls.js was loaded. */
export interface HeadStart {
  /** ID by which edges recognize the requests of this page as one viewer's. */
  viewerId: string
  /**
   * The multivariant playlist: from the start bundle or, without one, the response to a request of its own.
   */
  multivariant: Promise<Response>
  /** Returns the URL of the video's media playlist in the bundle; undefined before it is known. */
  variantUrl(): string | undefined
  /** Returns the bandwidth with which the bundle arrived, bits/s; undefined when too little has arrived. */
  measuredBandwidth(): number | undefined
  /** Returns the estimated round trip to the edge, ms. */
  rttMs(): number
  /** Returns whether segments suit the link better than parts, because of a long round trip. */
  isFar(): boolean
  /**
   * Resolves when the start bundle is complete or has failed. hls.js should be loaded only then: earlier, it
   * would delay the first frame.
   */
  ready: Promise<void>
  /**
   * Hands over what was requested from `url`, once; undefined when nothing was. The request may still be in
   * progress, and rejects when it failed.
   */
  take(url: string): Promise<PrefetchedBody> | undefined
  /** Whether `take` would hand over something for `url`. */
  has(url: string): boolean
  /**
   * Hands over the media source that is attached to the video element, once; undefined when hls.js has to
   * attach its own. Ends the requests of the head start.
   */
  takeMedia(): Promise<EarlyMedia | undefined>
  /** Makes no further requests and drops what was not taken. */
  close(): void
}

export interface HeadStartOptions {
  /** URL of the multivariant playlist. */
  url: string
  viewerId: string
  /** Start bundle to request first. */
  start: Start
  rttMs: number
  video: HTMLVideoElement
  fetch?: typeof fetch
}

/** Maximum time to wait for the first frame after the end of a bundle before more media is requested, ms. */
const maxFrameMs = 400

/**
 * Requests all that playback needs to begin and plays it, before hls.js is loaded. hls.js does not depend on
 * this: it requests what is missing.
 */
export function startHeadStart(options: HeadStartOptions): HeadStart {
  const { url, viewerId, start, video, fetch = window.fetch.bind(window) } = options
  const prefetch = createPrefetch(viewerId, fetch)
  const closing = new AbortController()
  const multivariant = Promise.withResolvers<Response>()
  const ready = Promise.withResolvers<void>()
  const requests: BundleRequest[] = []
  // A response that had to wait behind another one took longer than the round trip, so the minimum counts.
  const rttMs = () => {
    const least = Math.min(...requests.map((each) => each.rttMs()))
    return Number.isFinite(least) ? least : options.rttMs
  }
  const isFar = () => rttMs() > longRttMs
  const onMultivariant = (data: ArrayBuffer) => multivariant.resolve(new Response(data))
  const createPlayback = () =>
    createEarlyPlayback({ url, video, prefetch, onMultivariant, bySegment: isFar, rttMs })
  let playback: ReturnType<typeof createPlayback> | undefined
  let chosen: BundleRequest | undefined

  async function begin() {
    const request = (each: Start) => {
      const bundle = requestStart({ url, viewerId, start: each, fetch })
      requests.push(bundle)
      closing.signal.addEventListener('abort', bundle.abort)
      return bundle
    }
    await readFittingStart({ start, request, createPlayback }, (bundle, player) => {
      prefetch.clear()
      chosen = bundle
      playback = player
    })
    playback?.end()
    ready.resolve()
  }

  async function followTracks() {
    if (!isFar()) await firstFrame(video)
    for (const { url: playlistUrl, name } of playback?.tracks() ?? []) {
      const onMedia = (data: ArrayBuffer) => playback?.addMedia(name, data)
      // Failed requests for newer playlists and media are left to hls.js, which repeats them.
      void follow(prefetch, { playlistUrl, bySegment: isFar() }, closing.signal, onMedia).catch(() => {})
    }
  }

  // Without a bundle, the multivariant playlist is requested. Its status shows why there is no bundle.
  void begin().then(followTracks, () => {
    playback?.end()
    ready.resolve()
    multivariant.resolve(fetch(url, { signal: AbortSignal.timeout(timeoutMs) }))
  })
  multivariant.promise.catch(() => {})

  return {
    viewerId,
    multivariant: multivariant.promise,
    rttMs,
    isFar,
    ready: ready.promise,
    variantUrl: () => playback?.variantUrl(),
    measuredBandwidth: () => chosen?.bandwidth(),
    take: prefetch.take,
    has: prefetch.has,
    async takeMedia() {
      closing.abort()
      return playback?.takeMedia()
    },
    close() {
      closing.abort()
      prefetch.clear()
    },
  }
}

/**
 * Resolves when the first frame is on the screen, or after `maxFrameMs`. Requests before that would only
 * delay the frame.
 */
function firstFrame(video: HTMLVideoElement): Promise<unknown> {
  return new Promise((resolve) => {
    if (video.readyState >= 3 && !video.paused) return resolve(undefined)
    video.addEventListener('playing', resolve, { once: true })
    setTimeout(resolve, maxFrameMs)
  })
}
