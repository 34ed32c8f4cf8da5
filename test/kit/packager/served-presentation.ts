import { afterEach, expect, vi } from 'vitest'
import {
  createPresentation,
  type EpochSink,
  type Presentation,
  type PresentationOptions,
} from '../../../transcoder/packager/packager.ts'
import { type ClientResponse, get, type RequestOptions } from '../http/client.ts'
import { writeAudio, writeVideo } from './media.ts'
import { asEdge, originServer } from './packager-server.ts'
import { begin, testOptions, videoNames } from './test-presentation.ts'

/** Path of the session that `start` creates. */
export const base = '/live/demo/s_AAAAAAAAAAAAAAAAAAAAAA'
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const end of ends.splice(0)) await end()
})

/**
 * Serves a presentation with `toMs` ms of media over HTTP. By default these are a segment of 5 parts, and one
 * part of the next segment.
 */
export async function start(more: Partial<PresentationOptions> = {}, toMs = 2480) {
  const presentation = createPresentation(testOptions(more))
  const sink = begin(presentation)
  if (toMs > 0) writeAudio(sink, 0, toMs + 20)
  writeVideo(sink, videoNames, { fromMs: 0, toMs })
  const server = originServer(presentation)
  const port = await server.listen()
  ends.push(server.close)
  return { presentation, sink, ask: requester(port) }
}

/** Returns a function that sends requests to a port as an edge does. */
const requester =
  (port: number) =>
  (path: string, options: RequestOptions = {}) =>
    get(`http://127.0.0.1:${port}`, { ...options, path, headers: { ...asEdge, ...options.headers } })

/** Returns the number of requests that the origin holds for a rendition. */
export const waiting = (presentation: Presentation, rendition = '720p') =>
  presentation.streams.get(rendition)?.waits.size ?? 0

/** Adds media from `fromMs` to `toMs`. `fromMs` must be the `toMs` of the previous call or of `start`. */
export function writeMore(sink: EpochSink, fromMs: number, toMs: number) {
  writeAudio(sink, fromMs + 20, toMs + 20)
  writeVideo(sink, videoNames, { fromMs, toMs })
}

/** Resolves when the origin holds one request for 720p, which must be `asked`. */
export async function untilHeld(presentation: Presentation, asked: Promise<ClientResponse>) {
  let settled = false
  void asked.finally(() => {
    settled = true
  })
  await vi.waitFor(() => expect(waiting(presentation)).toBe(1))
  return { asked, isPending: () => !settled }
}
