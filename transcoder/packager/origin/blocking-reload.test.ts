import { expect, test, vi } from 'vitest'
import { base, start, untilHeld, waiting, writeMore } from '../../../test/kit/packager/served-presentation.ts'

test.each([
  [
    'the part that comes next',
    '_HLS_msn=1&_HLS_part=1',
    2880,
    '#EXT-X-PART:DURATION=0.4,URI="1/720p/1.1.m4s"',
  ],
  ['the segment that grows', '_HLS_msn=1', 4040, '1/720p/1.m4s\n'],
  [
    'part 0 of the next segment, requested as one past the end',
    '_HLS_msn=1&_HLS_part=5',
    4480,
    '#EXT-X-PART:DURATION=0.4,URI="1/720p/2.0.m4s"',
  ],
  ['a segment two ahead', '_HLS_msn=2', 6040, '1/720p/2.m4s\n'],
])('a reload that waits for %s is held, and released by it', async (_what, query, toMs, expected) => {
  const { presentation, sink, ask } = await start()
  const { asked, isPending } = await untilHeld(presentation, ask(`${base}/720p.m3u8?${query}`))
  writeMore(sink, 2480, toMs - 200)
  expect(String((await ask(`${base}/720p.m3u8`)).body)).not.toContain(expected)
  expect(isPending()).toBe(true)
  writeMore(sink, toMs - 200, toMs)
  const { status, headers, body } = await asked
  expect(status).toBe(200)
  expect(headers['cache-control']).toBe('public, s-maxage=12, max-age=0')
  expect(String(body)).toContain(expected)
})

test('a plain request before the first segment is held until it is complete', async () => {
  const { presentation, sink, ask } = await start({}, 880)
  const { asked, isPending } = await untilHeld(presentation, ask(`${base}/720p.m3u8`))
  writeMore(sink, 880, 2000)
  expect(isPending()).toBe(true)
  writeMore(sink, 2000, 2080)
  expect(String((await asked).body)).toContain('#EXTINF:2.00000,\n1/720p/0.m4s\n')
})

test('a blocking request before the first segment gets the parts that there are', async () => {
  const { ask } = await start({}, 880)
  const { status, body } = await ask(`${base}/720p.m3u8?_HLS_msn=0&_HLS_part=0`)
  expect(status).toBe(200)
  expect(String(body)).toContain('#EXT-X-PART:DURATION=0.4,URI="1/720p/0.1.m4s"')
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
  ['a segment number that is not a number', '_HLS_msn=-1'],
  ['a part number that is not a number', '_HLS_msn=1&_HLS_part=x'],
  ['more than two segments ahead', '_HLS_msn=3'],
  ['a part ahead of the Advance Part Limit', '_HLS_msn=1&_HLS_part=8'],
  ['such a part of the segment after', '_HLS_msn=2&_HLS_part=7'],
])('%s: 400 at once', async (_what, query) => {
  const { ask } = await start()
  expect((await ask(`${base}/720p.m3u8?${query}`)).status).toBe(400)
})

test('the furthest part within the Advance Part Limit waits', async () => {
  const { presentation, sink, ask } = await start()
  const { asked } = await untilHeld(presentation, ask(`${base}/720p.m3u8?_HLS_msn=1&_HLS_part=7`))
  writeMore(sink, 2480, 4480)
  expect((await asked).status).toBe(200)
})

test('a held reload gets the new playlist, also when the old one was just sent to others', async () => {
  const { presentation, sink, ask } = await start()
  const { asked } = await untilHeld(presentation, ask(`${base}/720p.m3u8?_HLS_msn=1&_HLS_part=1`))
  await ask(`${base}/720p.m3u8`)
  writeMore(sink, 2480, 2880)
  expect(String((await asked).body)).toContain('#EXT-X-PART:DURATION=0.4,URI="1/720p/1.1.m4s"')
})

test('a reload held for three target durations gets 503, which is not cached', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const { presentation, ask } = await start()
  const asked = ask(`${base}/720p.m3u8?_HLS_msn=1&_HLS_part=1`)
  while (waiting(presentation) === 0) await new Promise((resolve) => setImmediate(resolve))
  vi.advanceTimersByTime(6001)
  const { status, headers } = await asked
  expect(status).toBe(503)
  expect(headers['cache-control']).toBe('no-store')
})

test('while there is no source, a reload for a part gets the playlist as it is after half a target', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
  const { presentation, ask } = await start()
  const [part, segment] = [1, 2].map((msn) =>
    ask(`${base}/720p.m3u8?_HLS_msn=${msn}${msn === 1 ? '&_HLS_part=1' : ''}`),
  )
  while (waiting(presentation) < 2) await new Promise((resolve) => setImmediate(resolve))
  vi.advanceTimersByTime(500)
  presentation.pause.begin()
  vi.advanceTimersByTime(900)
  expect(waiting(presentation)).toBe(2)
  vi.advanceTimersByTime(200)
  const { status, headers, body } = (await part) ?? {}
  expect([status, headers?.['cache-control']]).toEqual([200, 'no-store'])
  expect(String(body)).toBe(String((await ask(`${base}/720p.m3u8`)).body))
  expect(waiting(presentation)).toBe(1)
  presentation.end()
  expect((await segment)?.status).toBe(200)
})

test('the end releases held reloads, and directives are ignored after it', async () => {
  const { presentation, ask } = await start()
  const { asked } = await untilHeld(presentation, ask(`${base}/720p.m3u8?_HLS_msn=2`))
  presentation.end()
  expect(String((await asked).body)).toContain('#EXT-X-ENDLIST')
  const late = await ask(`${base}/720p.m3u8?_HLS_msn=99&_HLS_skip=YES`)
  expect(late.status).toBe(200)
  expect(String(late.body)).not.toContain('EXT-X-SKIP')
})

test('a client that disconnects frees its wait', async () => {
  const { presentation, ask } = await start()
  const leave = new AbortController()
  const asked = ask(`${base}/720p.m3u8?_HLS_msn=2`, { signal: leave.signal })
  const outcome = expect(asked).rejects.toThrow()
  await vi.waitFor(() => expect(waiting(presentation)).toBe(1))
  leave.abort()
  await outcome
  await vi.waitFor(() => expect(waiting(presentation)).toBe(0))
})

test('without parts a reload for a segment waits as well', async () => {
  const { presentation, sink, ask } = await start({ partMs: null })
  const { asked, isPending } = await untilHeld(presentation, ask(`${base}/720p.m3u8?_HLS_msn=1`))
  expect(isPending()).toBe(true)
  writeMore(sink, 2480, 4080)
  expect(String((await asked).body)).toContain('1/720p/1.m4s\n')
})
