import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProbeAnswer } from './channel-probe.ts'
import { createPlaybackAddress, probeWithRenewal } from './playback-address.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const signed = (token: string) => `http://edge.test/live/t/${token}/demo/index.m3u8`

/** An address, and a manager that answers with the next token each time, or not at all. */
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

test('a token is replaced in good time, again and again, and URLs read before follow', async () => {
  const { manager, address } = open(signed('token0'), 300_000)
  await vi.advanceTimersByTimeAsync(299_000)
  expect(address.urls[0]).toBe(signed('token0'))
  await vi.advanceTimersByTimeAsync(2000)
  expect(address.urls[0]).toBe(signed('token1'))
  expect(address.current('http://edge.test/live/t/token0/demo/s_1/1/720p/7.m4s?CMCD=a')).toBe(
    'http://edge.test/live/t/token1/demo/s_1/1/720p/7.m4s?CMCD=a',
  )
  await vi.advanceTimersByTimeAsync(300_000)
  expect([manager.asked, address.urls[0]]).toEqual([2, signed('token2')])
})

test('a manager that is away is asked until it is back', async () => {
  const { manager, address } = open(signed('token0'), 300_000)
  manager.isAway = true
  await vi.advanceTimersByTimeAsync(400_000)
  expect(address.urls[0]).toBe(signed('token0'))
  manager.isAway = false
  await vi.advanceTimersByTimeAsync(10_000)
  expect(address.urls[0]).toBe(signed('token1'))
})

test('an open channel asks for nothing', async () => {
  const { manager, address } = open('http://edge.test/live/demo/index.m3u8')
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect([manager.asked, address.isSigned]).toEqual([0, false])
  const url = 'http://edge.test/live/demo/s_1/720p.m3u8'
  expect(address.current(url)).toBe(url)
})

test('a channel that was opened meanwhile is played without a token', async () => {
  const { manager, address } = open(signed('token0'), 1000)
  manager.hls = () => 'http://edge.test/live/demo/index.m3u8'
  manager.renewAfterMs = undefined
  await vi.advanceTimersByTimeAsync(1000)
  expect(address.current(signed('token0'))).toBe('http://edge.test/live/demo/index.m3u8')
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(manager.asked).toBe(1)
})

test('who is refused gets another token and asks again, once', async () => {
  const { manager, address } = open(signed('token0'), 300_000)
  const asked: string[] = []
  const live: ProbeAnswer = { kind: 'live', playlist: '#EXTM3U', session: 's_1' }
  const ask = async (url: string): Promise<ProbeAnswer> => {
    asked.push(url)
    return url === signed('token1') ? live : { kind: 'forbidden' }
  }
  const probe = probeWithRenewal(address, ask)
  const { signal } = new AbortController()
  expect(await probe(address.urls[0], signal)).toEqual(live)
  expect(asked).toEqual([signed('token0'), signed('token1')])
  manager.isAway = true
  expect(await probe(signed('token9'), signal)).toEqual({ kind: 'forbidden' })
})
