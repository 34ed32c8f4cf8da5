import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProbeAnswer } from './channel-probe.ts'
import type { PlaybackEvent, PlaybackListener } from './playback.ts'
import { createShow } from './show.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockReturnValue()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const live = (session: string): ProbeAnswer => ({ kind: 'live', playlist: `#EXTM3U ${session}`, session })
const notLive: ProbeAnswer = { kind: 'not_live', retryAfterMs: undefined }

/** A show against a server that answers as told and playbacks that only listen. */
function openShow() {
  const server = { answer: notLive, asked: 0 }
  const playbacks: { playlist: string; listener: PlaybackListener; closed: boolean }[] = []
  const states: string[] = []
  const show = createShow({
    video: {} as HTMLVideoElement,
    address: { urls: ['http://edge.test/live/demo/index.m3u8'], isSigned: false, current: (url) => url },
    latency: 'low',
    initial: { name: 'looking', session: null },
    onState: ({ name }) => states.push(name),
    onRenditions: () => {},
    probe: async () => {
      server.asked++
      return server.answer
    },
    loadPlayback:
      async () =>
      (_video, { playlist }, listener) => {
        const playback = { playlist, listener, closed: false }
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
  const say = (event: PlaybackEvent) => playbacks.at(-1)?.listener.onEvent(event)
  return { show, server, playbacks, states, say, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
}

test('starts by itself when the show does, with the playlist in hand', async () => {
  const { server, playbacks, states, say, pass } = openShow()
  await pass(5000)
  expect(states).toEqual(['looking', 'waiting'])
  expect(server.asked).toBeGreaterThanOrEqual(2)
  server.answer = live('s1')
  await pass(3000)
  say({ type: 'playing' })
  expect(states).toEqual(['looking', 'waiting', 'joining', 'playing'])
  expect(playbacks.map(({ playlist }) => playlist)).toEqual(['#EXTM3U s1'])
})

test('asks nothing while it plays', async () => {
  const { server, say, pass } = openShow()
  server.answer = live('s1')
  await pass(3000)
  say({ type: 'playing' })
  const { asked } = server
  await pass(60_000)
  expect(server.asked).toBe(asked)
})

test('a lost playback is closed and built anew, later and later while it keeps breaking', async () => {
  const { server, playbacks, say, pass } = openShow()
  server.answer = live('s1')
  await pass(3000)
  const builtAfter: number[] = []
  for (let i = 0; i < 6; i++) {
    const before = playbacks.length
    say({ type: 'lost', reason: 'test' })
    expect(playbacks.at(-1)?.closed).toBe(true)
    let waited = 0
    for (; playbacks.length === before; waited += 50) await pass(50)
    builtAfter.push(waited)
  }
  expect(builtAfter[0]).toBeLessThanOrEqual(800)
  expect(builtAfter.at(-1)).toBeGreaterThan(2000)
  expect(Math.max(...builtAfter)).toBeLessThanOrEqual(5050)
})

test('the next show of the channel is joined, the remains of the last are not', async () => {
  const { server, playbacks, states, say, pass } = openShow()
  server.answer = live('s1')
  await pass(3000)
  say({ type: 'playing' })
  say({ type: 'ended' })
  await pass(20_000)
  expect(playbacks).toHaveLength(1)
  server.answer = live('s2')
  await pass(6000)
  expect(playbacks).toHaveLength(2)
  expect(states.at(-1)).toBe('joining')
})

test('a page that comes back asks at once', async () => {
  const { show, server, playbacks, pass } = openShow()
  server.answer = live('s1')
  await pass(3000)
  show.dispatch({ type: 'restart' })
  await pass(0)
  expect(playbacks.map(({ closed }) => closed)).toEqual([true, false])
})

test('nothing that a closed playback says counts', async () => {
  const { show, server, playbacks, states, pass } = openShow()
  server.answer = live('s1')
  await pass(3000)
  show.dispatch({ type: 'restart' })
  await pass(0)
  playbacks[0]?.listener.onEvent({ type: 'ended' })
  expect(states.at(-1)).toBe('joining')
})
