import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { HeadStart } from '../head-start/head-start.ts'
import type { PlaybackEvent, PlaybackListener, PlaybackSource } from '../playback/playback.ts'
import type { ProbeResult } from './channel-probe.ts'
import { createShow } from './show.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockReturnValue()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const live = (session: string): ProbeResult => ({ kind: 'live', playlist: `#EXTM3U ${session}`, session })
const notLive: ProbeResult = { kind: 'not_live', retryAfterMs: undefined }

/** Opens a show with a fake server and playbacks that only record what they were started with. */
function openShow(headStart?: HeadStart) {
  const server = { result: notLive, asked: 0, early: [] as (Promise<Response> | undefined)[] }
  const playbacks: { source: PlaybackSource; listener: PlaybackListener; closed: boolean }[] = []
  const states: string[] = []
  const show = createShow({
    video: {} as HTMLVideoElement,
    address: {
      url: 'http://edge.test/live/demo/index.m3u8',
      useNextEdge() {},
      isSigned: false,
      currentUrl: (url) => url,
    },
    latency: 'low',
    headStart,
    initial: { name: 'checking', session: null },
    onState: ({ name }) => states.push(name),
    onRenditions: () => {},
    probe: async (_url, _signal, early) => {
      server.asked++
      server.early.push(early)
      return server.result
    },
    loadPlayback: async () => (_video, source, listener) => {
      const playback = { source, listener, closed: false }
      playbacks.push(playback)
      return {
        goLive() {},
        latency: () => undefined,
        choose() {},
        close() {
          playback.closed = true
        },
      }
    },
  })
  show.start()
  const report = (event: PlaybackEvent) => playbacks.at(-1)?.listener.onEvent(event)
  return { show, server, playbacks, states, report, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
}

test('playback starts with the show, from the playlist of the probe', async () => {
  const { server, playbacks, states, report, pass } = openShow()
  await pass(5000)
  expect(states).toEqual(['checking', 'waiting'])
  expect(server.asked).toBeGreaterThanOrEqual(2)
  server.result = live('s1')
  await pass(3000)
  report({ type: 'playing' })
  expect(states).toEqual(['checking', 'waiting', 'joining', 'playing'])
  expect(playbacks.map(({ source }) => source.playlist)).toEqual(['#EXTM3U s1'])
})

test('the channel is not probed while it plays', async () => {
  const { server, report, pass } = openShow()
  server.result = live('s1')
  await pass(3000)
  report({ type: 'playing' })
  const { asked } = server
  await pass(60_000)
  expect(server.asked).toBe(asked)
})

test('a lost playback is closed and replaced, with growing delays while it keeps breaking', async () => {
  const { server, playbacks, report, pass } = openShow()
  server.result = live('s1')
  await pass(3000)
  const replacedAfter: number[] = []
  for (let i = 0; i < 6; i++) {
    const before = playbacks.length
    report({ type: 'lost', reason: 'test' })
    expect(playbacks.at(-1)?.closed).toBe(true)
    let waited = 0
    for (; playbacks.length === before; waited += 50) await pass(50)
    replacedAfter.push(waited)
  }
  expect(replacedAfter[0]).toBeLessThanOrEqual(800)
  expect(replacedAfter.at(-1)).toBeGreaterThan(2000)
  expect(Math.max(...replacedAfter)).toBeLessThanOrEqual(5050)
})

test('the next show of the channel is joined, the ended session is not', async () => {
  const { server, playbacks, states, report, pass } = openShow()
  server.result = live('s1')
  await pass(3000)
  report({ type: 'playing' })
  report({ type: 'ended' })
  await pass(20_000)
  expect(playbacks).toHaveLength(1)
  server.result = live('s2')
  await pass(6000)
  expect(playbacks).toHaveLength(2)
  expect(states.at(-1)).toBe('joining')
})

test('a page that comes back probes at once', async () => {
  const { show, server, playbacks, pass } = openShow()
  server.result = live('s1')
  await pass(3000)
  show.dispatch({ type: 'restart' })
  await pass(0)
  expect(playbacks.map(({ closed }) => closed)).toEqual([true, false])
})

test('events of a closed playback are ignored', async () => {
  const { show, server, playbacks, states, pass } = openShow()
  server.result = live('s1')
  await pass(3000)
  show.dispatch({ type: 'restart' })
  await pass(0)
  playbacks[0]?.listener.onEvent({ type: 'ended' })
  expect(states.at(-1)).toBe('joining')
})

test('the first probe and the first playback use the head start, later ones do not', async () => {
  const headStart = {
    multivariant: Promise.resolve(new Response()),
    takeMedia: async () => undefined,
  } as Partial<HeadStart> as HeadStart
  const { show, server, playbacks, pass } = openShow(headStart)
  server.result = live('s1')
  await pass(3000)
  show.dispatch({ type: 'restart' })
  await pass(100)
  expect(server.early.slice(0, 3)).toEqual([headStart.multivariant, undefined, undefined])
  expect(playbacks.map(({ source }) => source.headStart)).toEqual([headStart, undefined])
})
