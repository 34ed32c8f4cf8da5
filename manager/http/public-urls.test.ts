import { expect, test } from 'vitest'
import { createPublicUrls } from './public-urls.ts'

const urls = (host: string, more = {}) =>
  createPublicUrls({
    host,
    rtmpPort: 1935,
    edgePort: 8088,
    isEdgeSecure: false,
    managerPort: () => 8080,
    rtmpUrl: undefined,
    edgeUrl: undefined,
    managerUrl: undefined,
    ...more,
  })

test('uses the address it listens on', () => {
  const { rtmpServer, playback } = urls('127.0.0.1')
  expect(rtmpServer('other:8080')).toBe('rtmp://127.0.0.1:1935/live')
  expect(playback('show', 'other:8080')).toEqual({
    hls: 'http://127.0.0.1:8088/live/show/index.m3u8',
    watch: 'http://127.0.0.1:8080/watch/show',
    picture: 'http://127.0.0.1:8088/live/show/picture.jpg',
  })
  expect(urls('::1').rtmpServer(undefined)).toBe('rtmp://[::1]:1935/live')
})

test.each(['0.0.0.0', '::'])(
  'uses the name in the Host header when it listens on all addresses: %s',
  (host) => {
    const { rtmpServer, playback } = urls(host)
    expect(rtmpServer('stream.example:8080')).toBe('rtmp://stream.example:1935/live')
    expect(rtmpServer('[2001:db8::1]:8080')).toBe('rtmp://[2001:db8::1]:1935/live')
    expect(playback('show', 'stream.example').watch).toBe('http://stream.example:8080/watch/show')
    for (const odd of [undefined, '', 'a b', 'x/y', '[::1', '"', 'a;b', '-a', 'x'.repeat(300)])
      expect(rtmpServer(odd)).toBe('rtmp://127.0.0.1:1935/live')
  },
)

test('a page reaches the edge by the name that the browser used', () => {
  expect(urls('127.0.0.1').edgeForPage('localhost:8080')).toBe('http://localhost:8088')
  expect(urls('192.0.2.1').edgeForPage(undefined)).toBe('http://192.0.2.1:8088')
})

test('edges with a certificate have HTTPS URLs', () => {
  const { edgeForPage, playback } = urls('127.0.0.1', { isEdgeSecure: true })
  expect(edgeForPage('live.example:8080')).toBe('https://live.example:8088')
  expect(playback('show', undefined).hls).toBe('https://127.0.0.1:8088/live/show/index.m3u8')
})

test('uses the public URLs that are set', () => {
  const { rtmpServer, playback, edgeForPage } = urls('0.0.0.0', {
    rtmpUrl: 'rtmps://in.example/live',
    edgeUrl: 'https://cdn.example',
    managerUrl: 'https://stream.example',
  })
  expect(rtmpServer('x')).toBe('rtmps://in.example/live')
  expect(playback('show', 'x')).toEqual({
    hls: 'https://cdn.example/live/show/index.m3u8',
    watch: 'https://stream.example/watch/show',
    picture: 'https://cdn.example/live/show/picture.jpg',
  })
  expect(edgeForPage('x')).toBe('https://cdn.example')
})
