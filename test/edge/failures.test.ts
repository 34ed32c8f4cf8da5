import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { mediaReply, playlistReply, startFakeOrigin } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { waitFor } from '../kit/wait-for.ts'

let line: EdgeLine
beforeAll(async () => {
  line = await startEdgeLine()
})
afterAll(() => line.close())

const status = async (target: string) => (await get(line.url + target)).status

test('a 503 that ends a held reload is not kept', async () => {
  const { base } = await line.goLive('late')
  const target = `${base}/720p.m3u8?_HLS_msn=9&_HLS_part=0`
  line.origin.on(target, (response) => response.writeHead(503).end('held too long, says the origin'))
  const refused = await get(line.url + target)
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1'])
  expect(refused.headers['cache-control']).toBe('no-store')
  expect(refused.body.toString()).not.toContain('held too long')

  line.origin.on(target, playlistReply('#EXTM3U'))
  expect(await status(target)).toBe(200)
})

test('a part requested too early is requested again as soon as there is a newer playlist', async () => {
  const { base } = await line.goLive('early')
  const part = `${base}/1/720p/9.2.m4s`
  const playlist = `${base}/720p.m3u8?_HLS_msn=9&_HLS_part=1`
  expect(await status(part)).toBe(404)
  line.origin.on(part, mediaReply(Buffer.from('part')))
  expect(await status(part), 'a refusal is repeated for a moment').toBe(404)
  expect(line.origin.asked(part)).toBe(1)

  line.origin.on(playlist, playlistReply('#EXTM3U'))
  expect(await status(playlist)).toBe(200)
  expect(await status(part)).toBe(200)
})

test('a refusal in flight is ignored when a playlist that lists the part arrives meanwhile', async () => {
  const { base } = await line.goLive('race')
  const part = `${base}/1/720p/5.1.m4s`
  const playlist = `${base}/720p.m3u8`
  let refuse = () => {}
  line.origin.on(part, (response) => {
    refuse = () => void response.writeHead(404).end()
  })
  line.origin.on(playlist, playlistReply('#EXTM3U'))
  const early = get(line.url + part)
  await line.origin.whenAsked(part)
  expect(await status(playlist)).toBe(200)
  line.origin.on(part, mediaReply(Buffer.from('part')))
  refuse()
  expect((await early).body.toString()).toBe('part')
})

test('an origin that stops and comes back', async () => {
  const { base } = await line.goLive('fragile')
  const [playlist, segment, next] = [`${base}/720p.m3u8`, `${base}/1/720p/1.m4s`, `${base}/1/720p/2.m4s`]
  line.origin.on(playlist, playlistReply('#EXTM3U', 1))
  line.origin.on(segment, mediaReply(Buffer.from('one')))
  line.origin.on(next, mediaReply(Buffer.from('two')))
  expect([await status(playlist), await status(segment)]).toEqual([200, 200])

  await line.origin.die()
  expect(await status(segment), 'objects in memory are served').toBe(200)
  const missing = await get(line.url + next)
  expect([missing.status, missing.headers['retry-after']]).toEqual([502, '1'])
  const aged = await waitFor('the playlist to lapse', async () => {
    const response = await get(line.url + playlist)
    return Number(response.headers.age) >= 1 ? response : undefined
  })
  expect(aged.status, 'an error never replaces a good playlist').toBe(200)

  await line.origin.start()
  const backAt = performance.now()
  await waitFor('the segment', async () => (await status(next)) === 200, { everyMs: 20 })
  expect(performance.now() - backAt).toBeLessThan(1000)
})

test('a held reload whose origin dies continues at the origin that took over', async () => {
  const successor = await startFakeOrigin()
  const { origin: record, base } = await line.goLive('takeover')
  const target = `${base}/720p.m3u8?_HLS_msn=3&_HLS_part=0`
  line.origin.on(target, () => {})
  successor.on(target, playlistReply('#EXTM3U\n#successor'))
  const held = get(line.url + target)
  await line.origin.whenAsked(target)
  await line.registry.putOrigin({ ...record, epoch: 2, url: successor.url })
  await waitFor('the edge to use the successor', async () => {
    await status(`${base}/1/720p/99.m4s`)
    return successor.targets.length > 0
  })
  await line.origin.die()

  expect((await held).body.toString()).toBe('#EXTM3U\n#successor')
  await line.origin.start()
  await successor.die()
})

test('known sessions continue while Redis is away and when it comes back empty', async () => {
  const { base } = await line.goLive('steady')
  const multivariant = '/live/steady/index.m3u8'
  line.origin.on(multivariant, playlistReply('#EXTM3U', 0))
  line.origin.on(`${base}/1/720p/1.m4s`, mediaReply(Buffer.from('one')))
  expect(await status(multivariant)).toBe(200)

  await line.redis.kill()
  expect(await status(multivariant)).toBe(200)
  expect(await status(`${base}/1/720p/1.m4s`)).toBe(200)
  expect(await status('/live/steady/s_0123456789012345678901/720p.m3u8')).toBe(404)
  expect(await status('/readyz')).toBe(200)

  await line.redis.restart()
  const { base: later } = await line.goLive('later')
  line.origin.on(`${later}/720p.m3u8`, playlistReply('#EXTM3U'))
  expect(await status(`${later}/720p.m3u8`), 'subscribed again').toBe(200)
  expect(await status(multivariant)).toBe(200)
})

test('a client that causes too many requests to origins gets 429, and others are served', async () => {
  const few = await startEdgeLine({ NOWCAST_EDGE_MAX_UPSTREAM_PER_ADDRESS: '1' })
  few.origin.otherwise(playlistReply('#EXTM3U', 0))
  const slugs = Array.from({ length: 20 }, (_, n) => `show-${n}`)
  for (const slug of slugs) await few.goLive(slug)
  const ask = (slug: string, from: string) => get(`${few.url}/live/${slug}/index.m3u8`, { from })
  const responses = await Promise.all(slugs.map((slug) => ask(slug, '127.0.0.2')))
  const refused = responses.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeLessThan(slugs.length)
  expect(refused[0]?.headers['retry-after']).toBe('1')
  expect((await ask('show-19', '127.0.0.3')).status).toBe(200)
  await few.close()
})
