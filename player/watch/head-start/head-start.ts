import { type EarlyMedia, openEarly } from './early-media.ts'
import { mediaFrom, readMediaPlaylist } from './media-playlist.ts'
import { chooseVariant, readVariants, type Variant } from './multivariant.ts'

/** An answer, and when it was complete (of `performance.now()`, ms). */
export interface Answer {
  data: ArrayBuffer
  at: number
}

/** What the page asked for before its player was there. */
export interface HeadStart {
  /** The name by which the edge knows this page. */
  viewer: string
  /** The first answer to whether the channel is live. */
  index: Promise<Response>
  /** The variant whose media was asked for; undefined before its playlist is known. */
  variant(): string | undefined
  /** The answer to `url`, once, if it was asked for; it may still be on its way, and rejects when it failed. */
  take(url: string): Promise<Answer> | undefined
  /** The element opened for that variant, once. */
  takeMedia(): EarlyMedia | undefined
  /** Asks no more and forgets what nobody took. */
  close(): void
}

export interface HeadStartOptions {
  /** URL of the multivariant playlist. */
  url: string
  /** Tells the edge that all this is one viewer. */
  viewer: string
  /** Bits/s. */
  bandwidth: number
  video: HTMLVideoElement
  /** Width of the picture on the screen, device pixels. */
  width(): number
  fetch?: typeof fetch
}

const timeoutMs = 8000
/** How long playlists are followed at most, ms: a player that takes longer to come begins with newer ones. */
const followAtMostMs = 5000
/** A playlist that was not followed any more for so long, ms, is of no use. */
const staleAfterMs = 1000

/**
 * Asks for the playlists of a channel and for its newest media, all that playback needs to begin, while the player is
 * still being fetched and read. Nothing depends on it: what it has not got is asked for anew.
 */
export function startHead({
  url,
  viewer,
  bandwidth,
  video,
  width,
  fetch = window.fetch.bind(window),
}: HeadStartOptions): HeadStart {
  let closed = false
  const answers = new Map<string, Promise<Answer>>()
  const taken = new Set<string>()
  let variant: Variant | undefined
  let media: ReturnType<typeof openEarly> | undefined
  const index = fetch(url, { signal: AbortSignal.timeout(timeoutMs) })

  async function ask(target: string): Promise<Answer> {
    const response = await fetch(introduced(target), {
      signal: AbortSignal.timeout(timeoutMs),
      priority: 'high',
    })
    if (response.status !== 200) throw new Error(`${response.status}`)
    return { data: await response.arrayBuffer(), at: performance.now() }
  }

  /** Playlist requests say who watches, as those of the player do. */
  function introduced(target: string): string {
    const named = new URL(target)
    if (named.pathname.endsWith('.m3u8')) named.searchParams.set('CMCD', `sid="${viewer}",v=2`)
    return named.href
  }

  function request(target: string): Promise<Answer> {
    const key = keyOf(target)
    const answer = answers.get(key) ?? ask(target)
    // Whoever takes it sees its failure.
    answer.catch(() => {})
    answers.set(key, answer)
    return answer
  }

  /** Keeps the newest playlist at hand, and the media from its start position on. */
  async function follow(playlistUrl: string) {
    const until = performance.now() + followAtMostMs
    let next: string | undefined = playlistUrl
    const isOver = () => closed || taken.has(keyOf(playlistUrl)) || performance.now() > until
    while (next !== undefined && !isOver()) {
      const answer = request(next)
      const text = new TextDecoder().decode((await answer).data)
      const playlist = readMediaPlaylist(text, playlistUrl)
      if (isOver()) return
      answers.set(keyOf(playlistUrl), answer)
      const wanted = mediaFrom(playlist, playlist.edge - playlist.holdBack)
      // A reload is held and would keep a connection from media that is there already: it comes last.
      await Promise.allSettled(wanted.filter((each) => !taken.has(keyOf(each))).map(request))
      next = playlist.next
    }
  }

  /** Resolves with the init segment that the playlist at `playlistUrl` names. */
  async function initOf(playlistUrl: string): Promise<ArrayBuffer> {
    const text = new TextDecoder().decode((await request(playlistUrl)).data)
    const map = readMediaPlaylist(text, playlistUrl).segments.at(-1)?.map
    if (map === undefined) throw new Error('no init segment')
    return (await request(map)).data
  }

  async function begin() {
    const response = await index
    if (!response.ok) return
    variant = chooseVariant(readVariants(await response.clone().text(), url), bandwidth, width())
    if (variant === undefined) return
    const { url: picture, audio: sound, codecs } = variant
    const playlists = sound === undefined ? [picture] : [picture, sound]
    media = openEarly(video, {
      codecs,
      video: initOf(picture),
      audio: sound === undefined ? undefined : initOf(sound),
    })
    // Both init segments are asked for before any media.
    await Promise.all(playlists.map(request))
    await Promise.all(playlists.map(follow))
  }
  void begin().catch(() => {})

  return {
    index,
    viewer,
    variant: () => variant?.url,
    take(target) {
      const key = keyOf(target)
      const answer = answers.get(key)
      taken.add(key)
      answers.delete(key)
      return answer?.then((given) => {
        const isPlaylist = key.includes('.m3u8')
        if (isPlaylist && performance.now() - given.at > staleAfterMs) throw new Error('stale')
        return given
      })
    },
    takeMedia: () => media?.take(),
    close() {
      closed = true
      answers.clear()
    },
  }
}

/** What of a URL decides about its answer: delta updates may be answered in full, the rest is for statistics. */
function keyOf(url: string): string {
  const { origin, pathname, searchParams } = new URL(url)
  return `${origin}${pathname} ${searchParams.get('_HLS_msn')} ${searchParams.get('_HLS_part')}`
}
