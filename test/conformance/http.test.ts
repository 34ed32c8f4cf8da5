import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveChannel, startLiveChannel } from '../kit/live-channel.ts'

let channel: LiveChannel

beforeAll(async () => {
  channel = await startLiveChannel({ slug: 'http', gopSeconds: 1 })
  await channel.untilSegments('video', 4)
}, 60_000)
afterAll(() => channel?.stop())

const maxAge = (headers: Headers) =>
  Number(/\bmax-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1] ?? Number.NaN)

test('playlists are gzipped for clients that accept it, and only for them', async () => {
  const zipped = await channel.raw('index.m3u8', { 'accept-encoding': 'gzip' })
  expect(zipped.headers.get('content-encoding')).toBe('gzip')
  expect(zipped.headers.get('vary')?.toLowerCase()).toContain('accept-encoding')
  const plain = await channel.raw('index.m3u8', { 'accept-encoding': 'identity' })
  expect(plain.headers.get('content-encoding')).toBeNull()
})

test('each kind of object has its lifetime', async () => {
  const plain = await channel.playlist('video', '')
  const { targetDuration } = plain.playlist
  expect(maxAge(plain.headers)).toBeLessThanOrEqual(Math.max(1, targetDuration / 2))
  const blocking = await channel.playlist('video', `_HLS_msn=${plain.next.msn}&_HLS_part=${plain.next.part}`)
  // A shared cache keeps it for six target durations; a browser never does.
  expect(blocking.headers.get('cache-control')).toContain(`s-maxage=${6 * targetDuration}, max-age=0`)
  const segment = plain.playlist.segments.find(({ uri }) => uri)
  const media = await channel.media('video', segment?.uri ?? '')
  expect(media.headers.get('cache-control')).toMatch(/immutable/)
  expect(maxAge(media.headers)).toBeGreaterThanOrEqual(3600)
})

test('media types are those of the specification', async () => {
  const { headers, playlist } = await channel.playlist('video', '')
  expect(headers.get('content-type')).toMatch(/^application\/vnd\.apple\.mpegurl/)
  const segment = playlist.segments.find(({ uri }) => uri)
  expect((await channel.media('video', segment?.uri ?? '')).headers.get('content-type')).toBe('video/mp4')
  expect((await channel.media('video', segment?.map ?? '')).headers.get('content-type')).toBe('video/mp4')
})

test('any web page may play it', async () => {
  const { headers } = await channel.raw('index.m3u8', { origin: 'https://example.org' })
  expect(headers.get('access-control-allow-origin')).toBe('*')
})

test('Age grows while an object stays in the cache', async () => {
  const { playlist } = await channel.playlist('video', '')
  const uri = playlist.segments.find((segment) => segment.uri)?.uri ?? ''
  const fresh = await channel.media('video', uri)
  expect(Number(fresh.headers.get('age') ?? 0)).toBeGreaterThanOrEqual(0)
  await channel.untilSegments('video', playlist.mediaSequence + playlist.segments.length + 1)
  const later = await channel.media('video', uri)
  expect(Number(later.headers.get('age'))).toBeGreaterThanOrEqual(1)
})

test('tracking parameters do not make another object', async () => {
  const { next } = await channel.playlist('video', '')
  const [one, other] = await Promise.all([
    channel.playlist('video', `_HLS_msn=${next.msn}&_HLS_part=${next.part}&CMCD=sid%3D%22a%22`),
    channel.playlist('video', `_HLS_part=${next.part}&_HLS_msn=${next.msn}&_HLS_throughput=9000`),
  ])
  expect(one.text).toBe(other.text)
})

test('a channel that is not live returns 404 with Retry-After', async () => {
  const response = await fetch(`${channel.edgeUrl}/live/nobody/index.m3u8`)
  expect(response.status).toBe(404)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
})

test.each([
  '/live/http/../http/index.m3u8/..',
  '/live/http/%2e%2e/index.m3u8',
  '/live//index.m3u8',
  '/live/http/index.m3u8/',
  '/flv/s_aaaaaaaaaaaaaaaaaaaaaa',
  '/live/http/s_aaaaaaaaaaaaaaaaaaaaaa/720p.m3u8',
])('the edge refuses %s', async (path) => {
  const { status } = await channel.requestPath(path)
  expect([400, 404]).toContain(status)
})
