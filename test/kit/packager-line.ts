import { newSessionId } from '../../core/contracts/ids.ts'
import { closeServer, createHttpServer, listen, type RequestHandler } from '../../core/process/http-server.ts'
import { createLog } from '../../core/process/log.ts'
import { createOrigin } from '../../transcoder/packager/origin/origin.ts'
import type { PresentationOptions, RenditionPlan } from '../../transcoder/packager/packager.ts'
import { createPresentation } from '../../transcoder/packager/presentation/presentation.ts'

export interface LineOptions extends Partial<PresentationOptions> {
  partMs: number | null
  /** Names of the video renditions, the first passed through; none for sound alone. */
  video: readonly string[]
  /** Answers without the cluster secret, for players. */
  open?: boolean
}

const clusterSecret = 'secret-of-the-test-cluster'
/** Headers of a request from an edge. */
export const asEdge = { authorization: `Bearer ${clusterSecret}` }

/** One presentation and its origin. */
export function createLine({ partMs, video, open = false, ...more }: LineOptions) {
  const slug = 'demo'
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
  const only = (id: string) => (found: string) => (found === id ? presentation : undefined)
  const presentations = { bySlug: only(slug), bySession: only(presentation.sessionId) }
  const origin = createOrigin({ presentations, clusterSecret })
  const anyone: RequestHandler = (request, response) => {
    request.headers.authorization = asEdge.authorization
    response.setHeader('access-control-allow-origin', '*')
    origin(request, response)
  }
  const server = createHttpServer(open ? anyone : origin)
  return {
    slug,
    presentation,
    listen: (port = 0) => listen(server, '127.0.0.1', port, 'origin'),
    close: () => closeServer(server, 0),
    /** What the packager added to the age of each part with pictures, ms. */
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
