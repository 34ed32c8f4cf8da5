import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveChannel, startLiveChannel } from '../kit/live-channel.ts'

let channel: LiveChannel

beforeAll(async () => {
  channel = await startLiveChannel({ slug: 'reload', gopSeconds: 1 })
})
afterAll(() => channel?.stop())

const reload = (query: string) => channel.playlist('video', query)

test('a reload for the next segment is held until that segment is complete', async () => {
  const now = await reload('')
  const msn = now.lastWhole + 1
  const held = await reload(`_HLS_msn=${msn}`)
  expect(held.status).toBe(200)
  expect(held.lastWhole).toBeGreaterThanOrEqual(msn)
  expect(held.arrivedAt - held.askedAt).toBeGreaterThan(0)
})

test('a reload for the next part is released when the part exists, and lists it', async () => {
  for (let i = 0; i < 5; i++) {
    const { next } = await reload('')
    const held = await reload(`_HLS_msn=${next.msn}&_HLS_part=${next.part}`)
    expect(held.status).toBe(200)
    const segment = held.playlist.segments.find(({ msn }) => msn === next.msn)
    expect(segment?.parts.length ?? 0, held.text).toBeGreaterThan(next.part)
  }
})

test('a part number past the last of a segment means part 0 of the next', async () => {
  const { lastWhole } = await reload('')
  const held = await reload(`_HLS_msn=${lastWhole}&_HLS_part=99`)
  expect(held.status).toBe(200)
  const next = held.playlist.segments.find(({ msn }) => msn === lastWhole + 1)
  expect(next?.parts.length ?? 0, held.text).toBeGreaterThan(0)
})

test('a stale media sequence number gets the full playlist at once', async () => {
  const now = await reload('')
  const stale = await reload(`_HLS_msn=${Math.max(0, now.lastWhole - 2)}&_HLS_part=0`)
  expect(stale.status).toBe(200)
  expect(stale.playlist.skipped).toBe(0)
  expect(stale.playlist.segments.length).toBeGreaterThanOrEqual(now.playlist.segments.length - 1)
  expect(stale.arrivedAt - stale.askedAt).toBeLessThan(250)
})

test.each([
  ['a part without a segment', () => '_HLS_part=1'],
  ['a segment more than two ahead', (last: number) => `_HLS_msn=${last + 4}`],
  [
    'a part further ahead than the Advance Part Limit',
    (last: number, part: number) => `_HLS_msn=${last + 1}&_HLS_part=${part + 30}`,
  ],
  ['a value that is not a number', () => '_HLS_msn=abc'],
  ['a negative number', () => '_HLS_msn=-1'],
])('%s is refused with 400 at once', async (_, query) => {
  const { lastWhole, next } = await reload('')
  const askedAt = performance.now()
  const response = await reload(query(lastWhole, next.part))
  expect(response.status).toBe(400)
  expect(performance.now() - askedAt).toBeLessThan(300)
})

test('many reloads for the same part are released together', async () => {
  const { next } = await reload('')
  const query = `_HLS_msn=${next.msn}&_HLS_part=${next.part}`
  const responses = await Promise.all(Array.from({ length: 50 }, () => reload(query)))
  expect(new Set(responses.map(({ text }) => text)).size).toBe(1)
  const arrivals = responses.map(({ arrivedAt }) => arrivedAt)
  expect(Math.max(...arrivals) - Math.min(...arrivals)).toBeLessThan(2000)
})

test('a reload that is held for three target durations gets 503, which does not hide the next playlist', async () => {
  const { next, playlist } = await reload('')
  channel.pausePublisher()
  try {
    // Media in transit may still complete some parts. After that, the reload requests a part that cannot
    // come.
    const settled = await channel.untilStill('video')
    const query = `_HLS_msn=${settled.next.msn}&_HLS_part=${settled.next.part}`
    const held = await reload(query)
    expect(held.status).toBe(503)
    const seconds = (held.arrivedAt - held.askedAt) / 1000
    expect(seconds).toBeGreaterThanOrEqual(3 * playlist.targetDuration - 0.1)
    expect(seconds).toBeLessThan(3 * playlist.targetDuration + 2)
    channel.resumePublisher()
    const later = await reload(query)
    expect(later.status).toBe(200)
    expect(later.lastWhole).toBeGreaterThanOrEqual(next.msn - 1)
  } finally {
    channel.resumePublisher()
  }
}, 40_000)
