import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPlaybackAddress } from './playback-address.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const signed = (token: string) => `http://edge.test/live/t/${token}/demo/index.m3u8`

/**
 * An address, and a manager that responds to each request with a new token, or fails while `isAway` is set.
 */
function open(url: string, renewAfterMs?: number) {
  const manager = { asked: 0, isAway: false, hls: (count: number) => signed(`token${count}`), renewAfterMs }
  const request = async () => {
    if (manager.isAway) throw new Error('away')
    manager.asked += 1
    const { hls, renewAfterMs = null } = manager
    return Response.json({ hls: hls(manager.asked), others: [], renewAfterMs })
  }
  const address = createPlaybackAddress({
    urls: [url],
    renewAfterMs,
    renewUrl: 'http://watch.test/watch/demo/address',
    request: request as typeof fetch,
    random: () => 1,
  })
  return { manager, address }
}

test('tokens are replaced before they expire, also in URLs that were read earlier', async () => {
  const { manager, address } = open(signed('token0'), 300_000)
  await vi.advanceTimersByTimeAsync(299_000)
  expect(address.urls[0]).toBe(signed('token0'))
  await vi.advanceTimersByTimeAsync(2000)
  expect(address.urls[0]).toBe(signed('token1'))
  expect(address.currentUrl('http://edge.test/live/t/token0/demo/s_1/1/720p/7.m4s?CMCD=a')).toBe(
    'http://edge.test/live/t/token1/demo/s_1/1/720p/7.m4s?CMCD=a',
  )
  await vi.advanceTimersByTimeAsync(300_000)
  expect([manager.asked, address.urls[0]]).toEqual([2, signed('token2')])
})

test('a manager that is away is asked again until it is back', async () => {
  const { manager, address } = open(signed('token0'), 300_000)
  manager.isAway = true
  await vi.advanceTimersByTimeAsync(400_000)
  expect(address.urls[0]).toBe(signed('token0'))
  manager.isAway = false
  await vi.advanceTimersByTimeAsync(10_000)
  expect(address.urls[0]).toBe(signed('token1'))
})

test('an open channel makes no requests', async () => {
  const { manager, address } = open('http://edge.test/live/demo/index.m3u8')
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect([manager.asked, address.isSigned]).toEqual([0, false])
  const url = 'http://edge.test/live/demo/s_1/720p.m3u8'
  expect(address.currentUrl(url)).toBe(url)
})

test('a signed channel that becomes open is played without a token', async () => {
  const { manager, address } = open(signed('token0'), 1000)
  manager.hls = () => 'http://edge.test/live/demo/index.m3u8'
  manager.renewAfterMs = undefined
  await vi.advanceTimersByTimeAsync(1000)
  expect(address.currentUrl(signed('token0'))).toBe('http://edge.test/live/demo/index.m3u8')
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(manager.asked).toBe(1)
})

test('the next edge of the list is used on demand, and after the last one the first', () => {
  const urls = [signed('a'), signed('b')] as const
  const address = createPlaybackAddress({ urls, renewAfterMs: undefined, renewUrl: '' })
  expect(address.url).toBe(urls[0])
  address.useNextEdge()
  expect(address.url).toBe(urls[1])
  address.useNextEdge()
  expect(address.url).toBe(urls[0])
})

test('the token of an edge below a path that begins like a playback URL is replaced', () => {
  const { address } = open('https://cdn.test/live/tv/live/t/token0/demo/index.m3u8')
  expect(address.isSigned).toBe(true)
  expect(address.currentUrl('https://cdn.test/live/tv/live/t/old/live/s_1/720p.m3u8?x=/live/t/a/b')).toBe(
    'https://cdn.test/live/tv/live/t/token0/live/s_1/720p.m3u8?x=/live/t/a/b',
  )
})

test('only playback URLs carry a token, also below a path of the edge', () => {
  const { address } = open('https://cdn.test/edge/live/t/token0/demo/index.m3u8')
  expect(address.isSigned).toBe(true)
  expect(address.currentUrl('https://cdn.test/edge/live/t/old/demo/s_1/720p.m3u8')).toBe(
    'https://cdn.test/edge/live/t/token0/demo/s_1/720p.m3u8',
  )
  const manifest = 'http://watch.test/steering/demo?token=1'
  expect(address.currentUrl(manifest)).toBe(manifest)
})
