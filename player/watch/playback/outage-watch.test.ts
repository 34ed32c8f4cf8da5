import type Hls from 'hls.js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchOutages } from './outage-watch.ts'

const playlist = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n#EXTINF:2,\nold.mp4\n'

let startsAt = 0

beforeEach(() => {
  vi.useFakeTimers()
  // What has arrived in an earlier test is over.
  startsAt += 100_000
  vi.advanceTimersByTime(startsAt)
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('removeEventListener', () => {})
  vi.stubGlobal('navigator', { onLine: true })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/**
 * Watches a player with a short buffer, whose requests to the edge `a` hang. `holdMs`: time for which it
 * holds a playlist in place of that; it sends an init segment at once.
 */
function setUp({ edges = ['a', 'b'], holdMs = Number.POSITIVE_INFINITY, slowEdge = '' } = {}) {
  const levels = edges.map((edge) => ({ uri: `https://${edge}.example/live/show/1.m3u8`, pathwayId: edge }))
  const requested: string[] = []
  vi.stubGlobal('fetch', (url: string, { signal }: { signal: AbortSignal }) => {
    const { host, pathname } = new URL(url)
    requested.push(host)
    const isHeld = host === 'a.example' && (pathname.endsWith('.m3u8') || !Number.isFinite(holdMs))
    const afterMs = isHeld ? holdMs : host === slowEdge ? 4000 : 20
    return new Promise<Response>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      if (Number.isFinite(afterMs)) setTimeout(() => resolve(new Response(playlist)), afterMs)
    })
  })
  const player = {
    levels: levels.slice(0, 1),
    loadLevel: 0,
    nextLoadLevel: 0,
    pathwayPriority: edges,
    latestLevelDetails: {
      ...{ live: true, partTarget: 0.333, targetduration: 2, partList: null },
      fragments: [
        {
          url: 'https://a.example/live/show/old.mp4',
          initSegment: { url: 'https://a.example/live/show/init.mp4' },
        },
      ],
    },
    mainForwardBufferInfo: { len: 0.3 },
    config: { lowLatencyMode: true },
    restarts: 0,
    on() {},
    off() {},
    stopLoad() {},
    startLoad() {
      player.restarts += 1
      const next = levels.find(({ pathwayId }) => pathwayId === player.pathwayPriority[0])
      if (next) player.levels = [next]
    },
  }
  const outages = watchOutages({
    hls: player as unknown as Hls,
    lateRoundTripMs: () => 50,
    addQuery: (url) => url,
  })
  return { player, outages, requested }
}

test.each([
  ['the only edge', { edges: ['a'] }, true],
  ['an edge while the device is offline', {}, false],
])('%s is tried again', async (_what, options, onLine) => {
  vi.stubGlobal('navigator', { onLine })
  const { player, outages, requested } = setUp(options)
  await vi.advanceTimersByTimeAsync(12_000)
  expect(player.restarts).toBe(0)
  expect(requested.length).toBeGreaterThan(2)
  expect(new Set(requested)).toEqual(new Set(['a.example']))
  outages.close()
})

test('the player leaves an edge whose requests hang, and asks the other one', async () => {
  const { player, outages, requested } = setUp()
  await vi.advanceTimersByTimeAsync(2000)
  expect(player.pathwayPriority).toEqual(['b', 'a'])
  expect(player.restarts).toBeGreaterThan(0)
  await vi.advanceTimersByTimeAsync(1000)
  expect([requested[0], requested.at(-1)]).toEqual(['a.example', 'b.example'])
  outages.close()
})

test('the player does not return to the edge that it has just left, although the other one is slow', async () => {
  const { player, outages } = setUp({ slowEdge: 'b.example' })
  await vi.advanceTimersByTimeAsync(6000)
  expect(player.pathwayPriority).toEqual(['b', 'a'])
  outages.close()
})

test('an edge that holds a reload while the publisher is away is not left', async () => {
  const { player, outages } = setUp({ holdMs: 1900 })
  await vi.advanceTimersByTimeAsync(20_000)
  expect(player).toMatchObject({ pathwayPriority: ['a', 'b'], restarts: 0 })
  expect(outages.isAway).toBe(true)
  outages.close()
})
