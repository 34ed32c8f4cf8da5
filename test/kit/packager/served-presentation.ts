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
 * Serves a presentation with media up to `toMs` over HTTP until the test ends. By default that is a segment
 * of 5 parts, and one part of the next segment.
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

/** Continues the media of `start`: video from `fromMs` to `toMs`, and audio 20 ms later. */
export function writeMore(sink: EpochSink, fromMs: number, toMs: number) {
  writeAudio(sink, fromMs + 20, toMs + 20)
  writeVideo(sink, videoNames, { fromMs, toMs })
}

/**
 * Waits until one request waits for media of 720p, which is `asked` if there is no other. `isPending` returns
 * whether `asked` still has no response.
 */
export async function untilHeld(presentation: Presentation, asked: Promise<ClientResponse>) {
  let settled = false
  void asked.finally(() => {
    settled = true
  })
  await vi.waitFor(() => expect(waiting(presentation)).toBe(1))
  return { asked, isPending: () => !settled }
}
