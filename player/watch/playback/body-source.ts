import type { LoaderContext, PlaylistLoaderContext } from 'hls.js'
import type { HeadStart } from '../head-start/head-start.ts'
import { withoutPart } from '../head-start/media-playlist.ts'
import type { Ahead } from '../network/ahead.ts'
import { type PendingBody, requestBody } from '../network/requests.ts'
import type { Adaptation } from '../renditions/adaptation.ts'
import type { Cmcd } from '../report/cmcd.ts'
import type { BodySource } from './body-loader.ts'

export interface BodySourceOptions {
  /** URL of the multivariant playlist and its text, which the page has already fetched. */
  url: string
  playlist: string
  headStart: HeadStart | undefined
  ahead: Ahead
  adaptation: Adaptation
  cmcd: Cmcd
  /** Replaces an earlier token in a URL by the current one. */
  toUrl(url: string): string
  /** Whether parts are loaded. Otherwise blocking reloads wait for whole segments. */
  usesParts(): boolean
  /** Time to add to each timeout because of the network, ms. */
  slackMs(): number
}

/** Target duration that is assumed while no playlist has been read, s. */
const usualTargetSeconds = 2

type AnyContext = LoaderContext & Partial<Pick<PlaylistLoaderContext, 'type' | 'levelDetails'>>

/**
 * Returns the time that the server may hold a playlist request, which is three target durations, and a second
 * more, ms. hls.js gives up earlier, and when publishers pause, it does so for sound and picture at once,
 * which counts as two failures.
 */
const heldMs = ({ levelDetails }: AnyContext) =>
  3000 * (levelDetails?.targetduration ?? usualTargetSeconds) + 1000

/**
 * Creates the source of bodies for hls.js: what the head start has requested, what was requested ahead, and
 * otherwise the network.
 */
export function createBodySource(options: BodySourceOptions): BodySource {
  const { url, headStart, ahead, adaptation, cmcd, toUrl, usesParts } = options
  let multivariant: ArrayBuffer | undefined = new TextEncoder().encode(options.playlist).buffer

  return {
    timeoutMs(context: AnyContext, usualMs) {
      return Math.max(usualMs, context.url.includes('_HLS_msn=') ? heldMs(context) : 0) + options.slackMs()
    },

    prefetched(target) {
      if (target !== url || multivariant === undefined) return headStart?.take(target)
      const body = { data: multivariant, completedAt: performance.now() }
      multivariant = undefined
      return Promise.resolve(body)
    },

    request(target, context: AnyContext) {
      const isLevel = context.type === 'level'
      const isPlaylist = isLevel || context.type === 'audioTrack'
      if (isPlaylist)
        return (
          (isLevel ? adaptation.takePlaylist(target) : undefined) ??
          requestBody(cmcd.addTo(toUrl(usesParts() ? target : withoutPart(target)), isLevel))
        )
      const early = ahead.take(target)
      // A request for an announced part fails when the part does not come in time. It may exist by now.
      return early === undefined
        ? requestBody(toUrl(target))
        : retried(early, () => requestBody(toUrl(target)))
    },
  }
}

/** Returns a body whose request is made again, once, when the first one fails and was not aborted. */
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
