import { mediaUrls, readMediaPlaylist } from '../head-start/media-playlist.ts'
import type { Ahead } from '../network/ahead.ts'
import { type PendingBody, requestBody } from '../network/requests.ts'

/**
 * Prepares a change to another rendition. Requests its playlist and its init segment now, and its next
 * playlist and its first part at the boundary, so that the change waits only for media.
 */
export function prepareRendition(playlistUrl: string, addQuery: (url: string) => string, ahead: Ahead) {
  const request = (url: string) => requestBody(addQuery(url))
  const first = request(playlistUrl)
  let isReady = false
  let hasFailed = false
  let partOf: ((msn: number) => string) | undefined
  let playlist: { msn: number; pending: PendingBody } | undefined

  async function prepare() {
    const { data } = await first.body
    const parsed = readMediaPlaylist(new TextDecoder().decode(data), playlistUrl)
    const init = parsed.segments.at(-1)?.map
    const sample = mediaUrls(parsed).at(-1)
    if (init === undefined || sample === undefined) throw new Error('nothing to load')
    if (/\.\d+\.m4s$/.test(sample)) partOf = (msn) => sample.replace(/\d+\.\d+\.m4s$/, `${msn}.0.m4s`)
    ahead.request(init)
    await ahead.settled(init)
    isReady = true
  }
  void prepare().catch(() => {
    hasFailed = true
  })

  return {
    playlistUrl,
    get isReady() {
      return isReady
    },
    get hasFailed() {
      return hasFailed
    },
    /**
     * Requests the playlist that has the first part of segment `msn`, and that part. If `usesParts` is false
     * or the rendition has no parts, requests only the playlist that has the whole segment.
     */
    cross(msn: number, usesParts: boolean): void {
      if (playlist?.msn === msn) return
      const url = new URL(playlistUrl)
      url.searchParams.set('_HLS_msn', `${msn}`)
      if (usesParts && partOf !== undefined) url.searchParams.set('_HLS_part', '0')
      playlist = { msn, pending: request(url.href) }
      if (usesParts && partOf !== undefined) ahead.request(partOf(msn), true)
    },
    /** Returns the playlist that `cross` requested, once; undefined otherwise. */
    takePlaylist(): PendingBody | undefined {
      const taken = playlist?.pending
      playlist = undefined
      return taken
    },
    close() {
      first.abort()
      playlist?.pending.abort()
    },
  }
}

export type NextRendition = ReturnType<typeof prepareRendition>

/**
 * Returns the URL of the same media in another rendition; undefined when `url` is not in the folder of the
 * rendition. `from` and `to` are the URLs of the two playlists.
 */
export function siblingUrl(url: string, from: string, to: string): string | undefined {
  const [folder, other] = [from, to].map((each) => /([^/]+)\.m3u8$/.exec(new URL(each).pathname)?.[1])
  const sibling = url.replace(`/${folder}/`, `/${other}/`)
  return sibling === url || other === undefined ? undefined : sibling
}
