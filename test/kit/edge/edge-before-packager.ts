import { urlOf } from '../../../core/process/http-server.ts'
import { createLog } from '../../../core/process/log.ts'
import { openListeners } from '../../../edge/http/listeners.ts'
import { noOverload, type OverloadState } from '../../../edge/overload/overload-control.ts'
import { createRequestPath } from '../../../edge/playback/request-path.ts'
import { createEdgeServer } from '../../../edge/server.ts'
import { createUpstream } from '../../../edge/upstream/upstream.ts'
import { createViewers } from '../../../edge/viewers/viewers.ts'
import { createPresentation, type PresentationOptions } from '../../../transcoder/packager/packager.ts'
import { get, type RequestOptions } from '../http/client.ts'
import { writeAudio, writeVideo } from '../packager/media.ts'
import { originServer, peerKey } from '../packager/packager-server.ts'
import { begin, testOptions, videoNames } from '../packager/test-presentation.ts'
import { freePort } from '../ports.ts'
import { liveOrigin } from './live-origin.ts'

export type EdgeBeforePackager = Awaited<ReturnType<typeof startEdgeBeforePackager>>

/** Rules under which no channel needs a token. */
export const openRules = {
  version: async () => 'one',
  read: async () => ({ signed: {}, revoked: {} }),
  watch: () => {},
}

/**
 * Starts an edge whose origin is a real packager with media up to `toMs`, and records the requests of the
 * edge to it. There is no Redis, and no publisher: `writeTo` adds media.
 */
export async function startEdgeBeforePackager(toMs = 2480, more: Partial<PresentationOptions> = {}) {
  const presentation = createPresentation(testOptions(more))
  const sink = begin(presentation)
  const packager = originServer(presentation)
  const record = liveOrigin({
    sessionId: presentation.sessionId,
    url: `http://127.0.0.1:${await packager.listen()}`,
  })
  const asked: string[] = []
  const upstream = createUpstream({ peerKey })
  const now = () => performance.now()
  const overload: { state: OverloadState } = { state: noOverload }
  const path = createRequestPath(
    {
      origins: {
        origin: async () => record,
        origins: async () => [record],
        sessionIds: async () => [],
        watch: (_, onReady) => onReady(),
      },
      rules: openRules,
      upstream: {
        ...upstream,
        fetch(request) {
          asked.push(request.target)
          return upstream.fetch(request)
        },
      },
    },
    {
      cacheBytes: 64 << 20,
      keys: { peerKey, tokenKey: 'key-of-the-test-tokens' },
      log: createLog('test', 'silent'),
      now,
      viewers: createViewers(),
      overload,
      steer: (_, object) => object,
      maxWaiting: 20_000,
    },
  )
  const server = createEdgeServer(
    { handle: path.handle, handleOther: () => false },
    { maxConnections: 1000, maxPerAddress: 0, now },
  )
  const port = await freePort()
  const stopListening = await openListeners(server.listener, '127.0.0.1', port)
  await path.firstRead(5000)
  const url = urlOf('127.0.0.1', port)
  let writtenMs = 0
  /** Adds media of all renditions up to `ms` of session time. */
  function writeTo(ms: number) {
    writeAudio(sink, writtenMs === 0 ? 0 : writtenMs + 20, ms + 20)
    writeVideo(sink, videoNames, { fromMs: writtenMs, toMs: ms })
    writtenMs = ms
  }
  writeTo(toMs)

  return {
    presentation,
    sink,
    writeTo,
    url,
    /** Path of the session, before the names of its media playlists. */
    base: `/live/demo/${presentation.sessionId}`,
    /** Targets of all requests from the edge to the origin so far. */
    asked: asked as readonly string[],
    path,
    /** The state of overload control, which the test may replace. */
    overload,
    ask: (target: string, options: RequestOptions = {}) => get(url, { ...options, path: target }),
    /** Number of requests that the packager holds for a rendition. */
    held: (rendition = '720p') => presentation.streams.get(rendition)?.waits.size ?? 0,
    async close() {
      stopListening()
      await server.close()
      path.close()
      await packager.close()
    },
  }
}
