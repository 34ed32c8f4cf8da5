import { createHttpServer } from '../../../core/connections/http-server.ts'
import { newSessionId } from '../../../core/contracts/ids.ts'
import { closeServer, listen, type RequestHandler } from '../../../core/process/http-server.ts'
import { createLog } from '../../../core/process/log.ts'
import {
  createOrigin,
  createPresentation,
  type Presentation,
  type PresentationOptions,
  type RenditionPlan,
} from '../../../transcoder/packager/packager.ts'

export interface PackagerServerOptions extends Partial<PresentationOptions> {
  partMs: number | null
  /** Names of the video renditions, which may be none. The first one is passed through. */
  video: readonly string[]
  /** Whether requests without the peer key are accepted, for players. */
  open?: boolean
  /** Called with each request before it is answered. */
  onRequest?: RequestHandler
}

/** Key with which edges authenticate at the origin. */
export const peerKey = 'key-of-the-test-cluster'
/** Header fields with which the origin accepts a request as one of an edge. */
export const asEdge = { authorization: `Bearer ${peerKey}` }

/** Creates a presentation, and an HTTP server that is its origin. */
export function createPackagerServer({
  partMs,
  video,
  open = false,
  onRequest,
  ...more
}: PackagerServerOptions) {
  const { slug = 'demo' } = more
  const delays: number[] = []
  const presentation = createPresentation({
    sessionId: newSessionId(),
    slug,
    partMs,
    segmentMs: 2000,
    renditions: [
      ...video.map((name, index): RenditionPlan => ({ name, kind: 'video', passthrough: index === 0 })),
      { name: 'audio', kind: 'audio', passthrough: true },
    ],
    log: createLog('test', 'error'),
    onPartDelay: (kind, seconds) => {
      if (kind === 'video') delays.push(seconds * 1000)
    },
    ...more,
  })
  return {
    slug,
    presentation,
    ...originServer(presentation, open, onRequest),
    /**
     * Returns the number of video parts so far, and percentiles of the time that parts spent in the packager,
     * ms. Percentiles are undefined while there are no parts.
     */
    delays() {
      const sorted = delays.toSorted((a, b) => a - b)
      return {
        count: sorted.length,
        p50: sorted[sorted.length >> 1],
        p95: sorted[Math.floor(sorted.length * 0.95)],
      }
    },
  }
}

/**
 * Creates an HTTP server for one presentation. `open`: it also accepts requests without the peer key,
 * and lets any page read its responses.
 */
export function originServer(presentation: Presentation, open = false, onRequest?: RequestHandler) {
  const only = (id: string) => (wanted: string) => (wanted === id ? presentation : undefined)
  const presentations = { bySlug: only(presentation.slug), bySession: only(presentation.sessionId) }
  const origin = createOrigin({ presentations, peerKey })
  const openOrigin: RequestHandler = (request, response) => {
    request.headers.authorization = asEdge.authorization
    response.setHeader('access-control-allow-origin', '*')
    origin(request, response)
  }
  const accept = open ? openOrigin : origin
  const server = createHttpServer((request, response) => {
    onRequest?.(request, response)
    accept(request, response)
  })
  return {
    listen: (port = 0) => listen(server, '127.0.0.1', port, 'origin'),
    close: () => closeServer(server, 0),
  }
}
