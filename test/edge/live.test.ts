import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { mediaReply, playlistReply } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { occupyPort } from '../kit/ports.ts'
import { waitFor } from '../kit/wait-for.ts'

let line: EdgeLine
beforeAll(async () => {
  line = await startEdgeLine({ NOWCAST_EDGE_CACHE_MB: '8' })
})
afterAll(() => line.close())

test('a channel is 404 with Retry-After until its session is live, and available at once then', async () => {
  const multivariant = `${line.url}/live/show/index.m3u8`
  line.origin.on('/live/show/index.m3u8', playlistReply('#EXTM3U\n#first'))
  const early = await get(multivariant)
  expect([early.status, early.headers['retry-after'], early.headers['cache-control']]).toEqual([
    404,
    '1',
    'no-store',
  ])
  expect(line.origin.asked('/live/show/index.m3u8')).toBe(0)

  const { origin } = await line.goLive('show', { state: 'starting' })
  expect((await get(multivariant)).status).toBe(404)
  const putAt = performance.now()
  await line.registry.putOrigin({ ...origin, state: 'live' })
  await waitFor('the channel to be there', async () => (await get(multivariant)).status === 200, {
    everyMs: 5,
  })
  expect(performance.now() - putAt, 'by a message, not by the poll of every second').toBeLessThan(300)

  await line.registry.putOrigin({ ...origin, state: 'ended' })
  await waitFor('the channel to be over', async () => (await get(multivariant)).status === 404, {
    everyMs: 5,
  })
})

test('the next session of a channel is never hidden by the playlist of the last one', async () => {
  const multivariant = `${line.url}/live/again/index.m3u8`
  const playlist = async () => (await get(multivariant)).body.toString()
  line.origin.on('/live/again/index.m3u8', playlistReply('#one', 60))
  const { origin } = await line.goLive('again')
  expect(await playlist()).toBe('#one')
  line.origin.on('/live/again/index.m3u8', playlistReply('#two', 60))
  expect(await playlist()).toBe('#one')
  await line.goLive('again')
  expect(await playlist()).toBe('#two')
  await line.registry.putOrigin(origin)
  await line.registry.removeOrigin(origin)
  // The edge handles messages in order. Once it knows this session, it has handled all earlier messages.
  await line.goLive('later')
  expect(await playlist()).toBe('#two')
})

test('memory stays within its limit, objects in use stay, and those of ended sessions go first', async () => {
  const { base } = await line.goLive('big')
  const ended = await line.goLive('over')
  const megabyte = mediaReply(Buffer.alloc(2 ** 20))
  const fetchOf = (target: string) => {
    line.origin.on(target, megabyte)
    return get(line.url + target)
  }
  const hot = `${base}/1/720p/0.m4s`
  await fetchOf(hot)
  await get(line.url + hot)
  const cold = `${base}/1/720p/1.m4s`
  await fetchOf(cold)
  await fetchOf(`${ended.base}/1/720p/1.m4s`)
  await fetchOf(`${ended.base}/1/720p/2.m4s`)
  await line.registry.putOrigin({ ...ended.origin, state: 'ended' })
  await line.goLive('after-over')
  for (let msn = 2; msn < 7; msn += 1) await fetchOf(`${base}/1/720p/${msn}.m4s`)
  await get(line.url + cold)
  expect(line.origin.asked(cold), 'the ended session made room').toBe(1)
  for (let msn = 7; msn < 40; msn += 1) {
    await fetchOf(`${base}/1/720p/${msn}.m4s`)
    await get(line.url + hot)
  }
  expect(line.origin.asked(hot), 'in use all the time').toBe(1)
  expect(await line.metric('cache_bytes')).toBeLessThanOrEqual(8 * 2 ** 20)
  expect(await line.metric('cache_bytes')).toBeGreaterThan(6 * 2 ** 20)
})

test('viewers are counted once each and reported to the registry', async () => {
  const { base } = await line.goLive('watched')
  const target = `${base}/720p.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U'))
  for (let viewer = 0; viewer < 5; viewer += 1)
    for (let request = 0; request < 3; request += 1)
      await get(`${line.url}${target}?CMCD=br%3D900%2Csid%3D%22viewer-${viewer}%22`)
  await get(line.url + target, { headers: { 'user-agent': 'one player' } })
  await get(line.url + target, { headers: { 'user-agent': 'one player' } })
  await get(line.url + target, { headers: { 'user-agent': 'another' } })
  await waitFor('the count', async () => (await line.registry.viewers()).get('watched') === 7)
})

test('a port that is taken fails the start with one clear line', async () => {
  const { port, release } = await occupyPort()
  await expect(startEdgeLine({ NOWCAST_EDGE_PORT: String(port) })).rejects.toThrow(
    `NOWCAST_EDGE_PORT: 127.0.0.1:${port} is taken by another program`,
  )
  release()
})
