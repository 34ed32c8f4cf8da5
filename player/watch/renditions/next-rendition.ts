import type Hls from 'hls.js'
import { mediaUrls, readMediaPlaylist } from '../head-start/media-playlist.ts'
import type { Ahead } from '../network/ahead.ts'
import { type PendingBody, requestBody } from '../network/requests.ts'

/** URLs of a rendition's init segment and of any of its parts or segments. */
export interface SampleMedia {
  init: string
  media: string
}

/**
 * Prepares a change to another rendition. Requests its playlist and its init segment now, and its next
 * playlist and its first part at the boundary, so that the change waits only for media. With `known`, the
 * rendition is ready at once: a slow link would take long for that first playlist.
 */
export function prepareRendition(
  playlistUrl: string,
  addQuery: (url: string) => string,
  ahead: Ahead,
  known?: SampleMedia,
) {
  const request = (url: string) => requestBody(addQuery(url))
  let first: PendingBody | undefined
  let isReady = false
  let hasFailed = false
  let partOf: ((msn: number) => string) | undefined
  let playlist: { msn: number; pending: PendingBody } | undefined

  function learn({ init, media }: SampleMedia) {
    if (/\.\d+\.m4s$/.test(media)) partOf = (msn) => media.replace(/\d+\.\d+\.m4s$/, `${msn}.0.m4s`)
    ahead.request(init)
  }

  async function prepare({ body }: PendingBody) {
    const { data } = await body
    const parsed = readMediaPlaylist(new TextDecoder().decode(data), playlistUrl)
    const init = parsed.segments.at(-1)?.map
    const media = mediaUrls(parsed).at(-1)
    if (init === undefined || media === undefined) throw new Error('nothing to load')
    learn({ init, media })
    await ahead.settled(init)
    isReady = true
  }
  if (known !== undefined) {
    learn(known)
    isReady = true
  } else {
    first = request(playlistUrl)
    void prepare(first).catch(() => {
      hasFailed = true
    })
  }

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
      first?.abort()
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

/**
 * Returns media of the rendition with the playlist `toUrl`, derived from that of the level `from`; undefined
 * when it cannot be derived.
 */
export function siblingMedia({ levels }: Pick<Hls, 'levels'>, from: number, toUrl: string) {
  const { uri, details } = levels[from] ?? {}
  const segment = details?.fragments.at(-1)
  const media = details?.partList?.at(-1)?.url ?? segment?.url
  const init = segment?.initSegment?.url
  if (uri === undefined || media === undefined || init === undefined) return undefined
  const sibling = { init: siblingUrl(init, uri, toUrl), media: siblingUrl(media, uri, toUrl) }
  return sibling.init === undefined || sibling.media === undefined ? undefined : (sibling as SampleMedia)
}
