import { type EarlyMedia, openEarly } from './early-media.ts'
import { mediaFrom, readMediaPlaylist } from './media-playlist.ts'
import { chooseVariant, readVariants, type Variant } from './multivariant.ts'
import { createPrefetch, type Prefetch, type PrefetchedBody, timeoutMs } from './prefetch.ts'

/** What the page requested before its player was loaded. */
export interface HeadStart {
  /** ID by which edges recognize the requests of this page as one viewer's. */
  viewerId: string
  /** The response to the first request for the multivariant playlist. */
  multivariant: Promise<Response>
  /** URL of the variant whose media was requested; undefined before the multivariant playlist is read. */
  variantUrl(): string | undefined
  /**
   * Hands over what was requested from `url`, once; undefined when nothing was. The request may still be in
   * progress, and rejects when it failed.
   */
  take(url: string): Promise<PrefetchedBody> | undefined
  /**
   * Hands over the media source that is attached to the video element, once; undefined when hls.js has to
   * attach its own.
   */
  takeMedia(): EarlyMedia | undefined
  /** Makes no further requests and drops what was not taken. */
  close(): void
}

export interface HeadStartOptions {
  /** URL of the multivariant playlist. */
  url: string
  /** ID by which edges recognize the requests of this page as one viewer's. */
  viewerId: string
  /** Bandwidth to choose the variant by, bits/s. */
  bandwidth: number
  video: HTMLVideoElement
  /** Returns the width of the picture on the screen, device pixels. */
  width(): number
  fetch?: typeof fetch
}

/** Maximum time for which playlists are followed, ms. A player that loads more slowly requests newer ones. */
const maxFollowMs = 5000

/**
 * Requests the playlists of a channel and its newest media, all that playback needs to begin, while the
 * player is still loading. The player does not rely on this: it requests what is missing.
 */
export function startHeadStart({
  url,
  viewerId,
  bandwidth,
  video,
  width,
  fetch = window.fetch.bind(window),
}: HeadStartOptions): HeadStart {
  const prefetch = createPrefetch(viewerId, fetch)
  const closing = new AbortController()
  let variant: Variant | undefined
  let media: ReturnType<typeof openEarly> | undefined
  const multivariant = fetch(url, { signal: AbortSignal.timeout(timeoutMs) })

  async function begin() {
    const response = await multivariant
    if (!response.ok) return
    variant = chooseVariant(readVariants(await response.clone().text(), url), bandwidth, width())
    if (variant === undefined) return
    const { url: videoUrl, audio: audioUrl, codecs } = variant
    const playlists = audioUrl === undefined ? [videoUrl] : [videoUrl, audioUrl]
    media = openEarly(video, {
      codecs,
      video: requestInit(prefetch, videoUrl),
      audio: audioUrl === undefined ? undefined : requestInit(prefetch, audioUrl),
    })
    // Waits for both playlists, so that both init segments are requested before any media.
    await Promise.all(playlists.map(prefetch.request))
    await Promise.all(playlists.map((playlist) => follow(prefetch, playlist, closing.signal)))
  }
  void begin().catch(() => {})

  return {
    multivariant,
    viewerId,
    variantUrl: () => variant?.url,
    take: prefetch.take,
    takeMedia: () => media?.take(),
    close() {
      closing.abort()
      prefetch.clear()
    },
  }
}

/**
 * Keeps the newest version of a playlist and the media from its start position, until the player takes the
 * playlist, `signal` aborts, or the time is over.
 */
async function follow(prefetch: Prefetch, playlistUrl: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + maxFollowMs
  const isOver = () => signal.aborted || prefetch.isTaken(playlistUrl) || performance.now() > until
  let next: string | undefined = playlistUrl
  while (next !== undefined && !isOver()) {
    const body = prefetch.request(next)
    const playlist = readMediaPlaylist(await textOf(body), playlistUrl)
    if (isOver()) return
    prefetch.put(playlistUrl, body)
    const urls = mediaFrom(playlist, playlist.liveEdge - playlist.holdBack)
    // The reload comes after the media: the server holds it, and over HTTP/1.1 it occupies a connection.
    await Promise.allSettled(urls.filter((url) => !prefetch.isTaken(url)).map(prefetch.request))
    next = playlist.next
  }
}

/**
 * Resolves with the init segment of the playlist's newest segment. Rejects when the playlist names no init
 * segment.
 */
async function requestInit(prefetch: Prefetch, playlistUrl: string): Promise<ArrayBuffer> {
  const playlist = readMediaPlaylist(await textOf(prefetch.request(playlistUrl)), playlistUrl)
  const map = playlist.segments.at(-1)?.map
  if (map === undefined) throw new Error('no init segment')
  return (await prefetch.request(map)).data
}

const textOf = async (body: Promise<PrefetchedBody>) => new TextDecoder().decode((await body).data)
