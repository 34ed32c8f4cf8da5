import { request as httpRequest, type IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterEach, expect, test, vi } from 'vitest'
import { closeServer, createHttpServer, listen } from '../../../core/internal-server.ts'
import type { EpochSink, Presentation, PresentationOptions } from '../interface.ts'
import { createPresentation } from '../presentation.ts'
import { audioHeader, testOptions, videoHeader, writeAudio, writeVideo } from '../test-media.ts'
import { createOrigin } from './origin.ts'

const clusterSecret = 'secret-of-the-cluster'
const pictures = ['720p', '360p']
const base = '/live/demo/s_AAAAAAAAAAAAAAAAAAAAAA'
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const end of ends.splice(0)) await end()
})

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

interface Ask {
  method?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** An origin with one presentation of which `toMs` of media are there: 1 segment of 5 parts and 1 part more by default. */
async function start(more: Partial<PresentationOptions> = {}, toMs = 2480) {
  const presentation = createPresentation(testOptions(more))
  const sink = presentation.beginEpoch({ epoch: 1, audio: 'pipe', frameMs: 40 })
  for (const name of pictures) sink.write(name, videoHeader())
  sink.write('audio', audioHeader())
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

const waiting = (presentation: Presentation, name = '720p') => presentation.streams.get(name)?.waits.size ?? 0

/** Writes on where the media of `start` ended. */
function writeOn(sink: EpochSink, fromMs: number, toMs: number) {
  writeAudio(sink, fromMs + 20, toMs + 20)
  writeVideo(sink, pictures, { fromMs, toMs })
}

/** Asks, and resolves as soon as the request waits in the origin. */
async function askAndHold(presentation: Presentation, asked: Promise<Answer>) {
  let settled = false
  void asked.finally(() => {
    settled = true
  })
  await vi.waitFor(() => expect(waiting(presentation)).toBe(1))
  return { asked, isPending: () => !settled }
}

test.each([
  ['the part that comes next', '_HLS_msn=1&_HLS_part=1', 2880, 'URI="1/720p/1.1.m4s"'],
  ['the segment that grows', '_HLS_msn=1', 4040, '1/720p/1.m4s\n'],
  [
    'part 0 of the next segment, asked for as one past the end',
    '_HLS_msn=1&_HLS_part=5',
    4480,
    '1/720p/2.0.m4s',
  ],
  ['a segment two ahead', '_HLS_msn=2', 6040, '1/720p/2.m4s\n'],
])('a reload that waits for %s is held, and released by it', async (_what, query, toMs, expected) => {
  const { presentation, sink, ask } = await start()
  const { asked, isPending } = await askAndHold(presentation, ask(`${base}/720p.m3u8?${query}`))
  writeOn(sink, 2480, toMs - 200)
  await ask(`${base}/360p.m3u8`)
  expect(isPending()).toBe(true)
  writeOn(sink, toMs - 200, toMs)
  const { status, headers, body } = await asked
  expect(status).toBe(200)
  expect(headers['cache-control']).toBe('public, max-age=12')
  expect(String(body)).toContain(expected)
})

test.each([
  ['a part that is there', '_HLS_msn=1&_HLS_part=0'],
  ['a segment that is there', '_HLS_msn=0'],
  ['a stale part', '_HLS_msn=0&_HLS_part=3'],
  ['one past the end of a segment whose successor has begun', '_HLS_msn=0&_HLS_part=5'],
])('a reload for %s gets the whole playlist at once', async (_what, query) => {
  const { ask } = await start()
  const { status, body } = await ask(`${base}/720p.m3u8?${query}`)
  expect(status).toBe(200)
  expect(String(body)).toBe(String((await ask(`${base}/720p.m3u8`)).body))
})

test.each([
  ['_HLS_part without _HLS_msn', '_HLS_part=1'],
  ['a segment number that is none', '_HLS_msn=-1'],
  ['a part number that is none', '_HLS_msn=1&_HLS_part=x'],
  ['more than two segments ahead', '_HLS_msn=3'],
  ['a part ahead of the Advance Part Limit', '_HLS_msn=1&_HLS_part=8'],
  ['such a part of the segment after', '_HLS_msn=2&_HLS_part=7'],
])('%s: 400 at once', async (_what, query) => {
  const { ask } = await start()
  expect((await ask(`${base}/720p.m3u8?${query}`)).status).toBe(400)
})

test('the furthest part within the Advance Part Limit waits', async () => {
  const { presentation, sink, ask } = await start()
  const { asked } = await askAndHold(presentation, ask(`${base}/720p.m3u8?_HLS_msn=1&_HLS_part=7`))
  writeOn(sink, 2480, 4480)
  expect((await asked).status).toBe(200)
})

test('a reload held for three target durations gets 503 that no cache keeps', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const { presentation, ask } = await start()
  const asked = ask(`${base}/720p.m3u8?_HLS_msn=1&_HLS_part=1`)
  while (waiting(presentation) === 0) await new Promise((resolve) => setImmediate(resolve))
  vi.advanceTimersByTime(6001)
  const { status, headers } = await asked
  expect(status).toBe(503)
  expect(headers['cache-control']).toBe('no-store')
})

test('the end answers held reloads, and directives mean nothing after it', async () => {
  const { presentation, ask } = await start()
  const { asked } = await askAndHold(presentation, ask(`${base}/720p.m3u8?_HLS_msn=2`))
  presentation.end()
  expect(String((await asked).body)).toContain('#EXT-X-ENDLIST')
  const late = await ask(`${base}/720p.m3u8?_HLS_msn=99&_HLS_skip=YES`)
  expect(late.status).toBe(200)
  expect(String(late.body)).not.toContain('EXT-X-SKIP')
})

test('a client that leaves frees its wait', async () => {
  const { presentation, ask } = await start()
  const leave = new AbortController()
  const asked = ask(`${base}/720p.m3u8?_HLS_msn=2`, { signal: leave.signal })
  const outcome = expect(asked).rejects.toThrow()
  await vi.waitFor(() => expect(waiting(presentation)).toBe(1))
  leave.abort()
  await outcome
  await vi.waitFor(() => expect(waiting(presentation)).toBe(0))
})

test('a hinted part is held and then sent whole; one that is not hinted is 404', async () => {
  const { presentation, sink, ask } = await start()
  const { asked, isPending } = await askAndHold(presentation, ask(`${base}/1/720p/1.1.m4s`))
  expect((await ask(`${base}/1/720p/1.2.m4s`)).status).toBe(404)
  expect(isPending()).toBe(true)
  writeOn(sink, 2480, 2880)
  const { status, headers, body } = await asked
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'video/mp4',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-length': String(body.length),
  })
  expect(body.subarray(4, 8).toString()).toBe('moof')
})

test('a hinted part that never comes is 404', async () => {
  const { presentation, sink, ask } = await start({}, 2400)
  const { asked } = await askAndHold(presentation, ask(`${base}/1/720p/1.1.m4s`))
  sink.end()
  expect((await asked).status).toBe(404)
})

test('init, segment and parts: a segment is its parts', async () => {
  const { ask } = await start()
  const init = await ask(`${base}/1/audio/init.mp4`)
  expect(init.headers['content-type']).toBe('audio/mp4')
  expect(init.body.subarray(4, 8).toString()).toBe('ftyp')
  const parts = await Promise.all([0, 1, 2, 3, 4].map((part) => ask(`${base}/1/720p/0.${part}.m4s`)))
  const segment = await ask(`${base}/1/720p/0.m4s`)
  expect(Buffer.concat(parts.map(({ body }) => body)).equals(segment.body)).toBe(true)
  for (const path of ['2/720p/0.m4s', '1/720p/7.m4s', '1/480p/0.m4s', '2/720p/init.mp4', '1/720p/0.5.m4s'])
    expect((await ask(`${base}/${path}`)).status).toBe(404)
})

test('playlists are compressed for who can read that', async () => {
  const { ask } = await start()
  const plain = await ask(`${base}/720p.m3u8`)
  expect(plain.headers).toMatchObject({
    'content-type': 'application/vnd.apple.mpegurl',
    'cache-control': 'public, max-age=1',
    vary: 'accept-encoding',
  })
  const small = await ask(`${base}/720p.m3u8`, { headers: { 'accept-encoding': 'br, gzip;q=0.5' } })
  expect(small.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(small.body).equals(plain.body)).toBe(true)
  const refused = await ask(`${base}/720p.m3u8`, { headers: { 'accept-encoding': 'gzip;q=0' } })
  expect(refused.headers['content-encoding']).toBeUndefined()
})

test('HEAD tells what GET would, without the body', async () => {
  const { ask } = await start()
  for (const path of ['/live/demo/index.m3u8', `${base}/720p.m3u8`, `${base}/1/720p/0.m4s`]) {
    const [get, head] = [await ask(path), await ask(path, { method: 'HEAD' })]
    expect(head.status).toBe(200)
    expect(head.body).toHaveLength(0)
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
  }
})

test('who shows no secret, uses another method, or asks for something else gets nothing', async () => {
  const { ask } = await start()
  expect((await ask('/live/demo/index.m3u8', { headers: { authorization: 'Bearer wrong' } })).status).toBe(
    401,
  )
  expect((await ask('/live/demo/index.m3u8', { method: 'POST' })).status).toBe(405)
  for (const path of [
    '/',
    '/live/demo/../demo/index.m3u8',
    '/live/other/index.m3u8',
    `${base}/nope.m3u8`,
    '/live/demo/s_BBBBBBBBBBBBBBBBBBBBBB/720p.m3u8',
  ])
    expect((await ask(path)).status).toBe(404)
})

test('a channel that is not live yet, or no more: 404 with Retry-After', async () => {
  const { presentation, sink, ask } = await start({}, 0)
  const before = await ask('/live/demo/index.m3u8')
  expect([before.status, before.headers['retry-after']]).toEqual([404, '1'])
  writeOn(sink, 0, 480)
  writeAudio(sink, 0, 500)
  writeVideo(sink, pictures, { fromMs: 480, toMs: 520 })
  expect((await ask('/live/demo/index.m3u8')).status).toBe(200)
  presentation.end()
  expect((await ask('/live/demo/index.m3u8')).status).toBe(404)
})

test('without parts a reload for a segment waits as well', async () => {
  const { presentation, sink, ask } = await start({ partMs: null })
  const { asked, isPending } = await askAndHold(presentation, ask(`${base}/720p.m3u8?_HLS_msn=1`))
  expect(isPending()).toBe(true)
  writeOn(sink, 2480, 4080)
  expect(String((await asked).body)).toContain('1/720p/1.m4s\n')
})
