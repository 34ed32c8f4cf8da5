import { mediaUrls, readMediaPlaylist, withoutPart } from './media-playlist.ts'
import type { Prefetch, PrefetchedBody } from './prefetch.ts'

/**
 * Maximum time for which a playlist is followed, ms. If hls.js loads later, it requests the playlist itself.
 */
const maxFollowMs = 15_000

/**
 * Requests each newer version of a playlist and the media that it adds, until the player takes the playlist,
 * `signal` aborts, or `maxFollowMs` are over. With `bySegment`, requests only versions that add a segment.
 * Each version stays available under its own URL, so that the player can read one after another and find all
 * media in memory.
 */
export async function follow(
  prefetch: Prefetch,
  { playlistUrl, bySegment }: { playlistUrl: string; bySegment: boolean },
  signal: AbortSignal,
  onMedia: (data: ArrayBuffer) => void,
): Promise<void> {
  const until = performance.now() + maxFollowMs
  const isOver = () => signal.aborted || prefetch.isTaken(playlistUrl) || performance.now() > until
  let playlist = readMediaPlaylist(await textOf(prefetch.request(playlistUrl)), playlistUrl)
  let last = mediaUrls(playlist).at(-1)
  while (playlist.next !== undefined && !isOver()) {
    const next = bySegment ? withoutPart(playlist.next) : playlist.next
    playlist = readMediaPlaylist(await textOf(prefetch.request(next)), playlistUrl)
    const urls = mediaUrls(playlist)
    const at = last === undefined ? -1 : urls.indexOf(last)
    if (isOver() || at < 0) return
    last = urls.at(-1)
    for (const body of urls.slice(at + 1).map(prefetch.request)) {
      const { data } = await body
      if (!isOver()) onMedia(data)
    }
  }
}

const textOf = async (body: Promise<PrefetchedBody>) => new TextDecoder().decode((await body).data)
