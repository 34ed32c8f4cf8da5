import { type MediaPath, parseMediaPath } from '../../../core/playback/media-paths.ts'
import { isFromCluster, type RequestHandler } from '../../../core/process/http-server.ts'
import type { Presentation } from '../presentation/presentation.ts'
import * as cacheControl from './cache-control.ts'
import { serveMedia, servePicture } from './media-response.ts'
import { createPlaylistResponses } from './playlist-response.ts'
import { type OriginRequest, refuse } from './response.ts'
import { serveStart } from './start-response.ts'

interface Presentations {
  /** Returns the newest presentation of a channel. */
  bySlug(slug: string): Presentation | undefined
  bySession(sessionId: string): Presentation | undefined
}

export interface OriginOptions {
  presentations: Presentations
  /** Bearer token that every request must contain. */
  peerKey: string
}

/**
 * Responds to GET and HEAD requests of edges for playlists, media, pictures and start bundles.
 * core/playback/media-paths.ts defines the paths.
 */
export function createOrigin({ presentations, peerKey }: OriginOptions): RequestHandler {
  const { serveMultivariant, serveMediaPlaylist } = createPlaylistResponses()

  function serve(request: OriginRequest, path: MediaPath, query: string) {
    if (path.kind === 'multivariant') return serveMultivariant(request, presentations.bySlug(path.slug))
    if (path.kind === 'start') return serveStart(request, presentations.bySlug(path.slug), path)
    if (path.kind === 'picture') return servePicture(request, presentations.bySlug(path.slug))
    const presentation = presentations.bySession(path.sessionId)
    if (!presentation || presentation.slug !== path.slug)
      return refuse(request, 404, 'no such session', cacheControl.uncacheable)
    if (path.kind === 'playlist') return serveMediaPlaylist(request, presentation, path.rendition, query)
    serveMedia(request, presentation, path)
  }

  return (request, response) => {
    const originRequest = { request, response }
    request.resume()
    if (!isFromCluster(request, peerKey))
      return refuse(originRequest, 401, 'the key of edges is required', cacheControl.uncacheable, {
        'www-authenticate': 'Bearer',
      })
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(originRequest, 405, 'only GET and HEAD are allowed', cacheControl.uncacheable, {
        allow: 'GET, HEAD',
      })
    const [pathname = '', query = ''] = (request.url ?? '').split(/\?(.*)/s)
    const path = parseMediaPath(pathname)
    if (!path) return refuse(originRequest, 404, 'not found', cacheControl.uncacheable)
    serve(originRequest, path, query)
  }
}
