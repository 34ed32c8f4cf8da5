import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, expect, vi } from 'vitest'
import { closeServer, createHttpServer, listen } from '../../core/process/http-server.ts'
import { createOrigin } from '../../transcoder/packager/origin/origin.ts'
import type { EpochSink, Presentation, PresentationOptions } from '../../transcoder/packager/packager.ts'
import { createPresentation } from '../../transcoder/packager/presentation/presentation.ts'
import { writeAudio, writeVideo } from './packager-media.ts'
import { begin, pictures, testOptions } from './packager-presentation.ts'

const clusterSecret = 'secret-of-the-cluster'
export const base = '/live/demo/s_AAAAAAAAAAAAAAAAAAAAAA'
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const end of ends.splice(0)) await end()
})

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

interface Ask {
  method?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/**
 * For unit tests: an origin with one presentation of which `toMs` of media are there: 1 segment of 5 parts
 * and 1 part more by default.
 */
export async function start(more: Partial<PresentationOptions> = {}, toMs = 2480) {
  const presentation = createPresentation(testOptions(more))
  const sink = begin(presentation)
  if (toMs > 0) writeAudio(sink, 0, toMs + 20)
  writeVideo(sink, pictures, { fromMs: 0, toMs })
  const only = (id: string) => (found: string) => (found === id ? presentation : undefined)
  const presentations = { bySlug: only('demo'), bySession: only(presentation.sessionId) }
  const server = createHttpServer(createOrigin({ presentations, clusterSecret }))
  const port = await listen(server, '127.0.0.1', 0, 'origin')
  ends.push(() => closeServer(server, 0))
  return { presentation, sink, ask: asker(port) }
}

const asker =
  (port: number) =>
  (path: string, { method = 'GET', headers = {}, signal }: Ask = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const authorization = `Bearer ${clusterSecret}`
      const options = {
        port,
        path,
        method,
        headers: { authorization, ...headers },
        ...(signal ? { signal } : {}),
      }
      const request = httpRequest(options, (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(pieces),
          }),
        )
        response.on('error', reject)
      })
      request.on('error', reject)
      request.end()
    })

export const waiting = (presentation: Presentation, name = '720p') =>
  presentation.streams.get(name)?.waits.size ?? 0

/** Writes on where the media of `start` ended. */
export function writeOn(sink: EpochSink, fromMs: number, toMs: number) {
  writeAudio(sink, fromMs + 20, toMs + 20)
  writeVideo(sink, pictures, { fromMs, toMs })
}

/** Asks, and resolves as soon as the request waits in the origin. */
export async function askAndHold(presentation: Presentation, asked: Promise<Answer>) {
  let settled = false
  void asked.finally(() => {
    settled = true
  })
  await vi.waitFor(() => expect(waiting(presentation)).toBe(1))
  return { asked, isPending: () => !settled }
}
