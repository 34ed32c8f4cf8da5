import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createModelChannel } from '../../test/kit/model-channel/model-channel.ts'
import { type ServerScript, scriptedFolder } from '../../test/kit/model-channel/scripted-server.ts'
import { watchScripted } from '../../test/kit/model-channel/traces.ts'
import type { ViewerOptions } from './viewer-options.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const watch = (script: ServerScript, options: Partial<ViewerOptions>, ms: number) =>
  watchScripted({ script: () => script, ms }, options)

test('a low-latency viewer joins by parts and plays without a stall', async () => {
  const { figures } = await watch({ channel: createModelChannel() }, {}, 20_000)
  expect(figures).toMatchObject({ stalls: 0, losses: 0, errors: new Map(), faults: new Map() })
  expect(figures.joinMs).toBeLessThan(300)
  expect(figures.playedMs).toBeGreaterThan(19_000)
  // There are about 60 parts in 20 s. Each takes a playlist and a media request in both renditions.
  expect(figures.requests.playlist).toBeGreaterThan(2 * 60)
  expect(figures.requests.media).toBeGreaterThan(2 * 60)
})

test('a classic viewer loads a segment at a time', async () => {
  const channel = createModelChannel({ hasParts: false, hasAudio: false })
  const { figures } = await watch({ channel }, { isLowLatency: false }, 20_000)
  expect(figures).toMatchObject({ stalls: 0, losses: 0, errors: new Map(), faults: new Map() })
  expect(figures.requests.media).toBeLessThan(15)
})

test('the page begins with the multivariant playlist when there is no start bundle', async () => {
  const { figures, trace } = await watch({ channel: createModelChannel() }, { kind: 'page' }, 10_000)
  expect(trace.slice(0, 2).map(({ target }) => target)).toEqual([
    `${scriptedFolder}start-3000-0.bin?CMCD=sid%3D%22v%22%2Cv%3D2`,
    `${scriptedFolder}index.m3u8`,
  ])
  expect(figures).toMatchObject({ stalls: 0, losses: 0, errors: new Map() })
})

test('a viewer who is not patient leaves when no picture comes', async () => {
  const fault = () => ({ status: 500, body: Buffer.alloc(0) })
  const options = { isPatient: false, random: () => 0.5 }
  const { figures } = await watch({ channel: createModelChannel(), fault }, options, 60_000)
  expect(figures).toMatchObject({ phase: 'left', leaveReason: 'impatient', joinMs: undefined })
})

test('the page joins by a start bundle, plays at once and continues from it', async () => {
  const script = { channel: createModelChannel(), parts: 62, nextPartMs: 100, hasBundles: true }
  const { figures, trace } = await watch(script, { kind: 'page' }, 10_000)
  const targets = trace.map(({ target }) => target.slice(scriptedFolder.length).replace(/[?&]CMCD=.*/, ''))
  expect(targets.slice(0, 7)).toEqual([
    'start-3000-0.bin',
    's1/720p.m3u8?_HLS_msn=10&_HLS_part=2',
    's1/audio.m3u8?_HLS_msn=10&_HLS_part=2',
    's1/720p.m3u8?_HLS_msn=10&_HLS_part=3',
    's1/1/720p/10.2.m4s',
    's1/audio.m3u8?_HLS_msn=10&_HLS_part=3',
    's1/1/audio/10.2.m4s',
  ])
  expect(targets.at(-1)).toMatch(/m4s|_HLS_skip=YES$/)
  expect(figures).toMatchObject({ joinMs: 30, stalls: 0, losses: 0, errors: new Map(), faults: new Map() })
})

test.each([
  ['plain', 1700],
  ['plain', 3000],
  ['page', 1700],
  ['page', 3000],
] as const)(
  'a %s viewer stays when the publisher pauses for %i ms, and does not ask much more',
  async (kind, pauseMs) => {
    const pauses = [[5000, 5000 + pauseMs]] as const
    const script = { channel: createModelChannel(), hasBundles: true, pauses }
    const { figures, trace } = await watch(script, { kind }, 15_000)
    expect(figures).toMatchObject({ losses: 0, phase: 'left', faults: new Map() })
    const joins = trace.filter(({ target, atMs }) => atMs > 1000 && /index|start-/.test(target))
    expect(joins).toEqual([])
    const within = (from: number, ms: number) =>
      trace.filter(({ atMs }) => atMs >= from && atMs < from + ms).length
    const perSecond = within(2000, 3000) / 3
    const most = Math.max(...trace.filter(({ atMs }) => atMs > 5000).map(({ atMs }) => within(atMs, 1000)))
    expect(most / perSecond).toBeLessThan(2.5)
  },
)

test('on a link with a long round trip the page requests the announced part together with the playlist', async () => {
  const script = { channel: createModelChannel(), hasBundles: true, rttMs: 60 }
  const { figures, trace } = await watch(script, { kind: 'page' }, 10_000)
  expect(figures).toMatchObject({ stalls: 0, losses: 0, errors: new Map(), faults: new Map() })
  const late = trace.filter(({ atMs, target }) => atMs > 5000 && target.includes('720p'))
  const placesOf = (expression: RegExp) =>
    late.flatMap(({ atMs, target }) => {
      const [, msn, part] = expression.exec(target) ?? []
      return msn === undefined ? [] : `${Math.round(atMs)} ms ${msn}.${part}`
    })
  const parts = placesOf(/\/(\d+)\.(\d+)\.m4s/)
  expect(parts.length).toBeGreaterThan(10)
  expect(parts).toEqual(placesOf(/_HLS_msn=(\d+)&_HLS_part=(\d+)/))
})
