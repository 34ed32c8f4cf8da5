import { type DeliveryDirectives, parseDirectives } from '../../../core/playback/delivery-directives.ts'
import { type ReloadState, reloadState } from '../../../core/playback/reload-state.ts'
import { mediaPlaylist } from '../playlist/media-playlist.ts'
import { multivariantPlaylist } from '../playlist/multivariant-playlist.ts'
import type { Presentation } from '../presentation/presentation.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import * as cacheControl from './cache-control.ts'
import { type OriginRequest, type PlaylistBody, refuse, sendPlaylist } from './response.ts'

/**
 * Creates the functions that respond to requests for playlists. Between two publications each playlist is
 * rendered at most once.
 */
export function createPlaylistResponses() {
  const cached = createPlaylistCache()

  return {
    serveMultivariant(request: OriginRequest, presentation: Presentation | undefined) {
      if (!presentation?.isPlayable)
        return refuse(request, 404, 'not live', cacheControl.uncacheable, { 'retry-after': '1' })
      const body = cached(presentation, 'multivariant', () => multivariantPlaylist(presentation))
      sendPlaylist(request, body, cacheControl.plainPlaylist(presentation.targetDuration))
    },

    serveMediaPlaylist(request: OriginRequest, presentation: Presentation, rendition: string, query: string) {
      const { targetDuration } = presentation
      const stream = presentation.streams.get(rendition)
      const refuseMissing = () =>
        refuse(request, 404, 'no such playlist', cacheControl.missingPlaylist(targetDuration))
      // Players leave a rendition whose playlist is gone, but not one whose playlist stands still.
      if (!stream?.isPlayable || stream.isDropped) return refuseMissing()
      const directives = parseDirectives(query)
      if (!directives)
        return refuse(request, 400, 'bad delivery directives', cacheControl.missingPlaylist(targetDuration))

      const isBlocking = directives.msn !== undefined
      const isDelta = directives.skip !== undefined
      const state = () => stateOf(stream, directives, presentation.partTargetMs)
      // Media that is too far ahead may exist soon, so this response must not be cached.
      if (state() === 'refused') return refuse(request, 400, 'too far ahead', cacheControl.uncacheable)
      const askedAt = performance.now()
      const hasHeld = () => directives.part !== undefined && presentation.pause.hasHeld(askedAt)
      const cancel = stream.waits.add(
        () => (stream.isDropped ? 'gone' : state() === 'ready' || hasHeld() ? 'ready' : 'pending'),
        (end) => {
          if (end === 'gone') return refuseMissing()
          if (end !== 'ready')
            return refuse(request, 503, 'not available in time', cacheControl.uncacheable, {
              'retry-after': '1',
            })
          const render = () => mediaPlaylist(presentation, stream, isDelta)
          const body = cached(presentation, `${rendition} ${isDelta}`, render)
          const lifetime = isBlocking ? cacheControl.blockingPlaylist : cacheControl.plainPlaylist
          const isWanted = state() === 'ready'
          sendPlaylist(request, body, isWanted ? lifetime(targetDuration) : cacheControl.uncacheable)
        },
      )
      request.response.once('close', cancel)
    },
  }
}

/** Decides whether a playlist has what a request names, or the request must wait or is too far ahead. */
function stateOf(
  stream: RenditionStream,
  directives: DeliveryDirectives,
  partTargetMs: number | null,
): ReloadState {
  const { window, nextMsn, open, isEnded } = stream
  // Some players fail at a playlist that has only parts, so a request without directives waits for the first
  // segment.
  if (directives.msn === undefined && !isEnded) return window.listed.length > 0 ? 'ready' : 'pending'
  const openParts = open?.msn === nextMsn ? open.parts.length : 0
  const lastParts = window.find(nextMsn - 1)?.parts.length ?? Number.POSITIVE_INFINITY
  return reloadState({ isEnded, nextMsn, openParts, lastParts, partTargetMs }, directives)
}

/** Creates a cache of the rendered playlists of each presentation. Each publication makes them outdated. */
function createPlaylistCache() {
  const held = new WeakMap<Presentation, { version: number; bodies: Map<string, PlaylistBody> }>()

  /** Returns the playlist `name`. Calls `render` only for the first request after a publication. */
  return (presentation: Presentation, name: string, render: () => string): PlaylistBody => {
    let entry = held.get(presentation)
    if (entry?.version !== presentation.version) {
      entry = { version: presentation.version, bodies: new Map() }
      held.set(presentation, entry)
    }
    let body = entry.bodies.get(name)
    if (!body) {
      body = { text: render() }
      entry.bodies.set(name, body)
    }
    return body
  }
}
