import { parseDirectives } from '../../../core/playback/delivery-directives.ts'
import { type MediaPath, parseMediaPath } from '../../../core/playback/media-paths.ts'
import { isFromCluster, type RequestHandler } from '../../../core/process/http-server.ts'
import type { Presentation } from '../interface.ts'
import { mediaPlaylist } from '../playlist/media-playlist.ts'
import { multivariantPlaylist } from '../playlist/multivariant-playlist.ts'
import { type Exchange, refuse, sendPlaylist } from './answer.ts'
import { reloadState } from './blocking-reload.ts'
import * as cacheControl from './cache-control.ts'
import { serveMedia } from './media-answer.ts'
import { createPlaylistCache } from './playlist-cache.ts'

/** Where the origin finds presentations. */
export interface Presentations {
  /** The newest of a channel. */
  bySlug(slug: string): Presentation | undefined
  bySession(sessionId: string): Presentation | undefined
}

export interface OriginOptions {
  presentations: Presentations
  /** Every request must show it as its bearer token. */
  clusterSecret: string
}

/** Answers requests for playlists and media (GET and HEAD) from edges. Paths: core/playback/media-paths.ts. */
export function createOrigin({ presentations, clusterSecret }: OriginOptions): RequestHandler {
  const cached = createPlaylistCache()

  function serveMultivariant(exchange: Exchange, slug: string) {
    const presentation = presentations.bySlug(slug)
    if (!presentation?.isPlayable)
      return refuse(exchange, 404, 'not live', cacheControl.uncacheable, { 'retry-after': '1' })
    const body = cached(presentation, 'multivariant', () => multivariantPlaylist(presentation))
    sendPlaylist(exchange, body, cacheControl.plainPlaylist(presentation.targetDuration))
  }

  function servePlaylist(exchange: Exchange, presentation: Presentation, name: string, query: string) {
    const { targetDuration } = presentation
    const stream = presentation.streams.get(name)
    if (!stream?.isPlayable)
      return refuse(exchange, 404, 'no such playlist', cacheControl.missingPlaylist(targetDuration))
    const directives = parseDirectives(query)
    if (!directives)
      return refuse(exchange, 400, 'bad delivery directives', cacheControl.missingPlaylist(targetDuration))

    const isBlocking = directives.msn !== undefined
    const isDelta = directives.skip !== undefined
    const state = () => reloadState(stream, directives, presentation.partTargetMs)
    // What is too far ahead now will be there soon: that answer may not stay in a cache.
    if (state() === 'refused') return refuse(exchange, 400, 'too far ahead', cacheControl.uncacheable)
    const free = stream.waits.add(
      () => (state() === 'ready' ? 'ready' : 'pending'),
      (end) => {
        if (end !== 'ready')
          return refuse(exchange, 503, 'not there in time', cacheControl.uncacheable, { 'retry-after': '1' })
        const render = () => mediaPlaylist(presentation, stream, isDelta)
        const body = cached(presentation, `${name} ${isDelta}`, render)
        const lifetime = isBlocking ? cacheControl.blockingPlaylist : cacheControl.plainPlaylist
        sendPlaylist(exchange, body, lifetime(targetDuration))
      },
    )
    exchange.response.once('close', free)
  }

  function serve(exchange: Exchange, path: MediaPath, query: string) {
    if (path.kind === 'multivariant') return serveMultivariant(exchange, path.slug)
    const presentation = presentations.bySession(path.sessionId)
    if (!presentation || presentation.slug !== path.slug)
      return refuse(exchange, 404, 'no such session', cacheControl.uncacheable)
    if (path.kind === 'playlist') return servePlaylist(exchange, presentation, path.rendition, query)
    serveMedia(exchange, presentation, path)
  }

  return (request, response) => {
    const exchange = { request, response }
    request.resume()
    if (!isFromCluster(request, clusterSecret))
      return refuse(exchange, 401, 'not for you', cacheControl.uncacheable, { 'www-authenticate': 'Bearer' })
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(exchange, 405, 'only GET and HEAD', cacheControl.uncacheable, { allow: 'GET, HEAD' })
    const [pathname = '', query = ''] = (request.url ?? '').split(/\?(.*)/s)
    const path = parseMediaPath(pathname)
    if (!path) return refuse(exchange, 404, 'no such thing', cacheControl.uncacheable)
    serve(exchange, path, query)
  }
}
