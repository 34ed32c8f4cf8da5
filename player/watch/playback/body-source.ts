import type { LoaderContext, PlaylistLoaderContext } from 'hls.js'
import type { HeadStart } from '../head-start/head-start.ts'
import { withoutPart } from '../head-start/media-playlist.ts'
import type { Ahead } from '../network/ahead.ts'
import { type PendingBody, requestBody } from '../network/requests.ts'
import type { Adaptation } from '../renditions/adaptation.ts'
import type { Cmcd } from '../report/cmcd.ts'
import type { BodySource } from './body-loader.ts'
import { createNextPlaylists, type PlaylistKind } from './next-playlists.ts'

export interface BodySourceOptions {
  /** URL of the multivariant playlist and its text, which the page has already fetched. */
  url: string
  playlist: string
  headStart: HeadStart | undefined
  ahead: Ahead
  adaptation: Adaptation
  cmcd: Cmcd
  /** Replaces an earlier playback token in a URL by the current one. */
  toUrl(url: string): string
  /** Whether parts are loaded. Otherwise blocking reloads wait for whole segments. */
  usesParts(): boolean
  /** Time to add to each timeout, ms. It grows with the round trip. */
  slackMs(): number
}

/** Target duration assumed before the first media playlist, s. */
const usualTargetSeconds = 2

type AnyContext = LoaderContext & Partial<Pick<PlaylistLoaderContext, 'type' | 'levelDetails'>>

/**
 * Returns the timeout of a blocking reload, ms: three target durations, for which the server may hold it, and
 * one second. hls.js would time out earlier. When a publisher pauses, the reloads of video and audio would
 * then fail together and use up two retries.
 */
const heldMs = ({ levelDetails }: AnyContext) =>
  3000 * (levelDetails?.targetduration ?? usualTargetSeconds) + 1000

/**
 * Creates the source of bodies for hls.js. A body comes from the head start, from a request made ahead, or
 * from a new request.
 */
export function createBodySource(options: BodySourceOptions): BodySource & { close(): void } {
  const { url, headStart, ahead, adaptation, cmcd, toUrl, usesParts } = options
  let multivariant: ArrayBuffer | undefined = new TextEncoder().encode(options.playlist).buffer
  const requestPlaylist = (target: string, kind: PlaylistKind) =>
    requestBody(cmcd.addTo(toUrl(target), kind === 'level'))
  const nextPlaylists = createNextPlaylists(requestPlaylist)

  function playlistOf(target: string, kind: PlaylistKind): PendingBody {
    const entered = kind === 'level' ? adaptation.takePlaylist(target) : undefined
    if (usesParts()) {
      nextPlaylists.drop(kind)
      return entered ?? requestPlaylist(target, kind)
    }
    const whole = withoutPart(target)
    const early = entered ?? nextPlaylists.take(kind, whole)
    const body =
      early === undefined ? requestPlaylist(whole, kind) : retried(early, () => requestPlaylist(whole, kind))
    void nextPlaylists.follow(kind, whole, body.body).catch(() => {})
    return body
  }

  return {
    timeoutMs(context: AnyContext, usualMs) {
      return Math.max(usualMs, context.url.includes('_HLS_msn=') ? heldMs(context) : 0) + options.slackMs()
    },

    prefetched(target) {
      if (target !== url || multivariant === undefined)
        return headStart?.take(target) ?? (usesParts() ? undefined : headStart?.take(withoutPart(target)))
      const body = { data: multivariant, completedAt: performance.now() }
      multivariant = undefined
      return Promise.resolve(body)
    },

    request(target, { type }: AnyContext) {
      if (type === 'level' || type === 'audioTrack') return playlistOf(target, type)
      const early = ahead.take(target)
      // A request for an announced part fails when the part is late. The part may exist by then, so it is
      // requested once more.
      return early === undefined
        ? requestBody(toUrl(target))
        : retried(early, () => requestBody(toUrl(target)))
    },

    close: nextPlaylists.clear,
  }
}

/** Returns a body that is requested once more if the first request fails without being aborted. */
function retried(first: PendingBody, again: () => PendingBody): PendingBody {
  let current = first
  let isAborted = false
  const body = first.body.catch((error: unknown) => {
    if (isAborted) throw error
    current = again()
    return current.body
  })
  body.catch(() => {})
  return {
    body,
    abort() {
      isAborted = true
      current.abort()
    },
  }
}
