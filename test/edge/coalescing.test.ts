import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { mediaReply, playlistReply } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { waitFor } from '../kit/wait-for.ts'

let line: EdgeLine
beforeAll(async () => {
  line = await startEdgeLine()
})
afterAll(() => line.close())

const crowd = (count: number, url: string) => Promise.all(Array.from({ length: count }, () => get(url)))

test('200 requests for one new segment are one request at the origin', async () => {
  const { origin, url } = line
  const { base } = await line.goLive('spike')
  const target = `${base}/1/720p/7.m4s`
  const body = randomBytes(100_000)
  origin.on(target, (response) => void setTimeout(() => mediaReply(body)(response, target), 200))

  const responses = await crowd(200, url + target)

  expect(origin.asked(target)).toBe(1)
  expect(responses.every((response) => response.status === 200 && response.body.equals(body))).toBe(true)
  await crowd(20, url + target)
  expect(origin.asked(target)).toBe(1)
})

test('a held reload is one request at the origin, and all viewers get its response at once', async () => {
  const { origin, url } = line
  const { base } = await line.goLive('held')
  const target = `${base}/720p.m3u8?_HLS_msn=12&_HLS_part=3`
  let release = () => {}
  origin.on(target, (response) => {
    release = () => playlistReply('#EXTM3U\n#held', 12)(response, target)
  })

  let settled = 0
  const responses = crowd(300, url + target)
  void responses.then((all) => {
    settled = all.length
  })
  await waitFor('all to wait', async () => (await line.metric('waiting_requests')) === 300)
  expect(settled).toBe(0)
  const releasedAt = performance.now()
  release()

  const all = await responses
  expect(all.every((response) => response.body.toString() === '#EXTM3U\n#held')).toBe(true)
  expect(origin.asked(target)).toBe(1)
  // Clients, edge and origin share this process, so the bound is loose.
  expect(Math.max(...all.map((response) => response.at)) - releasedAt).toBeLessThan(500)
})

test('a viewer who leaves frees only their own place, and the last one aborts the request to the origin', async () => {
  const { origin, url } = line
  const { base } = await line.goLive('leave')
  const target = `${base}/720p.m3u8?_HLS_msn=4`
  origin.on(target, () => {})
  const [first, second] = [new AbortController(), new AbortController()]
  const asks = [first, second].map(({ signal }) => get(url + target, { signal }).catch(() => 'left'))
  await waitFor('both to wait', async () => (await line.metric('waiting_requests')) === 2)

  first.abort()
  await waitFor('one to wait', async () => (await line.metric('waiting_requests')) === 1)
  expect(origin.abandoned).toBe(0)

  second.abort()
  await waitFor('the origin to be left', () => origin.abandoned === 1)
  expect(await Promise.all(asks)).toEqual(['left', 'left'])
  expect(await line.metric('flights')).toBe(0)

  origin.on(target, playlistReply('#EXTM3U'))
  expect((await get(url + target)).status).toBe(200)
})

test('a segment is still loaded after the only viewer has left, because others will request it', async () => {
  const { origin, url } = line
  const { base } = await line.goLive('stay')
  const target = `${base}/1/720p/1.m4s`
  let release = () => {}
  origin.on(target, (response) => {
    release = () => mediaReply(Buffer.from('media'))(response, target)
  })
  const gone = new AbortController()
  const ask = get(url + target, { signal: gone.signal }).catch(() => 'left')
  await origin.whenAsked(target)
  gone.abort()
  expect(await ask).toBe('left')
  await waitFor('all to have left', async () => (await line.metric('waiting_requests')) === 0)
  release()

  expect((await get(url + target)).body.toString()).toBe('media')
  expect(origin.asked(target)).toBe(1)
})

test('an expired playlist is refreshed by one request while others get the last one with its age', async () => {
  const { origin, url } = line
  const { base } = await line.goLive('lapse')
  const target = `${base}/720p.m3u8`
  origin.on(target, playlistReply('#EXTM3U\n#one', 2, { age: '1' }))
  expect((await get(url + target)).headers.age).toBe('1')
  await delay(1050)

  let release = () => {}
  origin.on(target, (response) => {
    release = () => playlistReply('#EXTM3U\n#two', 2)(response, target)
  })
  const refresher = get(url + target)
  await origin.whenAsked(target, 2)
  const others = await crowd(20, url + target)
  expect(others.map((response) => response.body.toString())).toEqual(Array(20).fill('#EXTM3U\n#one'))
  expect(new Set(others.map((response) => response.headers.age))).toEqual(new Set(['2']))
  release()

  const fresh = await refresher
  expect([fresh.body.toString(), fresh.headers.age]).toEqual(['#EXTM3U\n#two', '0'])
  expect(origin.asked(target)).toBe(2)
})
