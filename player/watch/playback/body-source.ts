import type { LoaderContext, PlaylistLoaderContext } from 'hls.js'
import type { HeadStart } from '../head-start/head-start.ts'
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

/**
 * Minimum timeout of a blocking reload, ms. With target durations of 2 s, the server holds one for up to 6 s.
 * hls.js would give up earlier, and for sound and picture at the same time when a publisher pauses.
 */
const heldMs = 7000

/**
 * Creates the source of bodies for hls.js: what the head start has requested, what was requested ahead, and
 * otherwise the network.
 */
export function createBodySource(options: BodySourceOptions): BodySource {
  const { url, headStart, ahead, adaptation, cmcd, toUrl, usesParts } = options
  let multivariant: ArrayBuffer | undefined = new TextEncoder().encode(options.playlist).buffer

  return {
    timeoutMs({ url: target }, usualMs) {
      return Math.max(usualMs, target.includes('_HLS_msn=') ? heldMs : 0) + options.slackMs()
    },

    prefetched(target) {
      if (target !== url || multivariant === undefined) return headStart?.take(target)
      const body = { data: multivariant, completedAt: performance.now() }
      multivariant = undefined
      return Promise.resolve(body)
    },

    request(target, context: LoaderContext & Partial<Pick<PlaylistLoaderContext, 'type'>>) {
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

/**
 * Removes `_HLS_part` from a playlist URL, so that the server responds when the segment is complete. A
 * response just before that would cost another round trip.
 */
function withoutPart(target: string): string {
  const changed = new URL(target)
  changed.searchParams.delete('_HLS_part')
  return changed.href
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
    get progress() {
      return current.progress
    },
    abort() {
      isAborted = true
      current.abort()
    },
  }
}
