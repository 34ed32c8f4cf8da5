import { Agent } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sketchQuantile } from '../../core/contracts/sketch.ts'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { mediaReply, playlistReply } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { waitFor } from '../kit/wait-for.ts'

let line: EdgeLine
beforeAll(async () => {
  line = await startEdgeLine()
})
afterAll(() => line.close())

const withCmcd = (target: string, text: string) =>
  `${line.url}${target}${target.includes('?') ? '&' : '?'}CMCD=${encodeURIComponent(text)}`

test('1000 viewers count as 1000 in less than 3 s, on any number of shared connections', async () => {
  const { base } = await line.goLive('crowd')
  const target = `${base}/720p.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U', 60))
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const watch = (viewer: number) => get(withCmcd(target, `bl=1200,sid="viewer-${viewer}",v=2`), { agent })
  await Promise.all(Array.from({ length: 1000 }, (_, viewer) => watch(viewer)))
  const sawAllAt = performance.now()
  await waitFor('the count', async () => (await line.registry.viewers()).get('crowd') === 1000)
  expect(performance.now() - sawAllAt).toBeLessThan(2000)
  agent.destroy()
  expect(line.origin.asked(target), 'reports of players do not affect the cache key').toBe(1)
})

test('player reports are counted by channel and rendition and sent to the registry', async () => {
  const { base } = await line.goLive('reported')
  const playlist = `${base}/720p.m3u8`
  const segment = `${base}/1/360p/7.m4s`
  line.origin.on(playlist, playlistReply('#EXTM3U', 60))
  line.origin.on(segment, mediaReply(Buffer.alloc(100)))
  await get(withCmcd(playlist, 'bsd=(500),ltc=1400,msd=810,nowcast-played=1500,sid="one",v=2'))
  // CMCD version 1, as hls.js sends it on other websites.
  await get(withCmcd(segment, 'bl=2100,br=900,bs,d=2000,mtp=25400,ot=v,sf=h,sid="two",st=l'))
  await get(line.url + segment, { headers: { 'CMCD-Object': 'br=900,ot=v', 'CMCD-Request': 'bl=2100' } })

  const label = 'channel="reported",rendition='
  expect(await line.metric('player_latency_seconds_count', `${label}"720p"`)).toBe(1)
  expect(await line.metric('player_latency_seconds_sum', `${label}"720p"`)).toBe(1.4)
  expect(await line.metric('player_join_seconds_sum', `${label}"720p"`)).toBe(0.81)
  expect(await line.metric('player_stalled_seconds_total', `${label}"720p"`)).toBe(0.5)
  expect(await line.metric('player_buffer_seconds_count', `${label}"360p"`)).toBe(2)
  expect(await line.metric('player_bitrate_bits_per_second_sum', `${label}"360p"`)).toBe(1.8e6)
  expect(await line.metric('player_throughput_bits_per_second_count', `${label}"360p"`)).toBe(1)
  expect(await line.metric('player_stalls_total', `${label}"360p"`)).toBe(1)

  await waitFor('the registry', async () => {
    const experience = (await line.registry.experience()).get('reported')
    return (
      experience !== undefined &&
      Math.abs((sketchQuantile(experience.measures.latencyMs ?? {}, 0.5) ?? 0) - 1400) < 70
    )
  })
})

test('another user agent is another viewer, and another edge is not a viewer', async () => {
  const { base } = await line.goLive('apart')
  const target = `${base}/720p.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U', 60))
  await get(line.url + target, { headers: { authorization: 'Bearer of-another-edge' } })
  await get(line.url + target, { headers: { 'user-agent': 'one' } })
  await get(line.url + target, { headers: { 'user-agent': 'one' } })
  await get(line.url + target, { headers: { 'user-agent': 'other' } })
  await waitFor('the count', async () => (await line.registry.viewers()).get('apart') === 2)
})

test('thousands of ids from one address are no crowd and use no lasting memory', async () => {
  const narrow = await startEdgeLine({ NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '50' })
  try {
    const { base } = await narrow.goLive('swarm')
    const target = `${base}/720p.m3u8`
    narrow.origin.on(target, playlistReply('#EXTM3U', 60))
    const agent = new Agent({ keepAlive: true, maxSockets: 10 })
    const ask = (n: number) => get(`${narrow.url}${target}?CMCD=sid%3D%22${n}%22`, { agent })
    await Promise.all(Array.from({ length: 2000 }, (_, n) => ask(n)))
    agent.destroy()
    expect(await narrow.metric('viewers', 'channel="swarm"')).toBe(50)
    expect(await narrow.metric('player_latency_seconds_count')).toBe(0)
  } finally {
    await narrow.close()
  }
})

test('hostile reports change no metric and create no label', async () => {
  const { base } = await line.goLive('hostile')
  const target = `${base}/720p.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U', 60))
  const metrics = async () =>
    (await get(`${line.url}/metrics`, { headers: { 'cache-control': 'no-cache' } })).body
      .toString()
      .split('\n')
      .filter((text) => text.startsWith('nowcast_edge_player_') && !text.includes('channel="reported"'))
      .filter((text) => !text.includes('channel="crowd"') && !text.endsWith(' 0'))
  const reports = [
    'bl=NaN,br=1e999,mtp=-1,ltc=Infinity',
    'bl=99999999999999999999,msd=99999999999999',
    'sid="a","bl=5",nor="\\",ltc=5"',
    `cid="${'x'.repeat(5000)}",bl=5`,
    'rendition="own"',
  ]
  for (const text of reports) expect((await get(withCmcd(target, text))).status).toBe(200)
  expect((await get(`${line.url}${target}?CMCD=bl%3D5%FF`)).status).toBe(200)
  expect(await metrics()).toEqual([])
  expect((await get(withCmcd(`${base}/own.m3u8`, 'bl=5'))).status, 'never served').toBe(404)
  expect(await metrics()).toEqual([])
})
