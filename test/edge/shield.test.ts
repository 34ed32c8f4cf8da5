import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deriveClusterKeys } from '../../core/process/cluster-keys.ts'
import { createLog } from '../../core/process/log.ts'
import type { RunningRole } from '../../core/process/role.ts'
import { readEdgeSettings } from '../../edge/settings.ts'
import { startEdge } from '../../edge/start.ts'
import { clusterSecret, type EdgeLine, peerCredentials, startEdgeLine } from '../kit/edge/edge-line.ts'
import { startEdgeProcess } from '../kit/edge/edge-process.ts'
import { mediaReply, playlistReply, startFakeOrigin } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

/** URL with a port where nothing listens. */
const noRedis = 'redis://127.0.0.1:9'
const directory = makeTempDir()
const running: RunningRole[] = []
let line: EdgeLine
/** URLs of two edges behind the shield of `line`. The first edge has no Redis. */
let urls: string[]

const environmentOf = (upstream: string, redisUrl: string) => ({
  NOWCAST_DATA_DIR: directory.path,
  NOWCAST_CLUSTER_SECRET: clusterSecret,
  NOWCAST_EDGE_PORT: '0',
  NOWCAST_EDGE_UPSTREAM: upstream,
  NOWCAST_EDGE_OVERLOAD_DELAY_MS: '0',
  NOWCAST_EDGE_OVERLOAD_BUSY: '0',
  NOWCAST_EDGE_DRAIN_SECONDS: '0',
  REDIS_URL: redisUrl,
})

async function startBehind(upstream: string, redisUrl = noRedis, secrets = {}): Promise<string> {
  const edge = await startEdge(
    createLog('test', 'silent'),
    readEdgeSettings({ ...environmentOf(upstream, redisUrl), ...secrets }),
  )
  running.push(edge)
  return String(edge.ready.url)
}

beforeAll(async () => {
  line = await startEdgeLine({ NOWCAST_EDGE_SHIELD: 'on' })
  urls = [await startBehind(line.url), await startBehind(line.url, line.redis.url)]
})
afterAll(async () => {
  await Promise.all(running.map((edge) => edge.close('test is over')))
  await line?.close()
  directory.remove()
})

const isKnownAt = (url: string, slug: string) =>
  waitFor(
    'the edge to know the show',
    async () => (await get(`${url}/live/${slug}/index.m3u8`)).status === 200,
  )

async function goLive(slug: string) {
  const { base } = await line.goLive(slug)
  line.origin.on(`/live/${slug}/index.m3u8`, playlistReply('#EXTM3U\n#show', 60))
  for (const url of urls) await isKnownAt(url, slug)
  return base
}

/** Sends requests of different viewers, half of them to each edge. */
const crowd = (count: number, target: string) =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      get((urls[n % 2] ?? '') + target, { headers: { 'user-agent': `viewer ${n}` } }),
    ),
  )

test('viewers of two edges behind a shield are one request per object at the origin', async () => {
  const base = await goLive('tiers')
  const [segment, held] = [`${base}/1/720p/7.m4s`, `${base}/720p.m3u8?_HLS_msn=8&_HLS_part=1`]
  const body = randomBytes(200_000)
  line.origin.on(segment, (response) => void setTimeout(() => mediaReply(body)(response, segment), 100))
  let release = () => {}
  line.origin.on(held, (response) => {
    release = () => playlistReply('#EXTM3U\n#held', 12)(response, held)
  })

  const media = await crowd(100, segment)
  expect(media.every((response) => response.status === 200 && response.body.equals(body))).toBe(true)
  const reloads = crowd(100, held)
  await line.origin.whenAsked(held)
  await waitFor('both edges to wait at the shield', async () => (await line.metric('waiting_requests')) === 2)
  release()
  expect((await reloads).every((response) => response.body.toString() === '#EXTM3U\n#held')).toBe(true)
  expect([line.origin.asked(segment), line.origin.asked(held)]).toEqual([1, 1])
  expect(line.origin.asked('/live/tiers/index.m3u8')).toBe(1)

  // Fifty of the hundred viewers use the edge with Redis. The other edge cannot report to Redis, and the
  // shield counts no edges as viewers.
  await waitFor('the count', async () => (await line.registry.viewers()).get('tiers') === 50)
})

test('Age adds up over the tiers without losing fractions of a second', async () => {
  const base = await goLive('aged')
  line.origin.on(`${base}/720p.m3u8`, playlistReply('#EXTM3U', 60, { age: '2' }))
  const fromShield = await get(`${line.url}${base}/720p.m3u8`)
  const fetchedAt = performance.now()
  expect(fromShield.headers.age).toBe('2')
  await waitFor('most of a second', () => performance.now() - fetchedAt > 700)
  expect((await get(`${urls[0]}${base}/720p.m3u8`)).headers.age).toBe('2')
  await waitFor('the second', async () => (await get(`${line.url}${base}/720p.m3u8`)).headers.age === '3')
  const reachedAt = performance.now()
  await waitFor(
    'the edge to follow',
    async () => (await get(`${urls[0]}${base}/720p.m3u8`)).headers.age === '3',
  )
  // If the tiers exchanged Age in whole seconds, this edge would be 700 ms late.
  expect(performance.now() - reachedAt).toBeLessThan(500)
})

test('a channel that is not live costs the shield nothing, and refusals are not kept', async () => {
  const base = await goLive('refused')
  const part = `${base}/1/720p/9.1.m4s`
  expect((await crowd(4, '/live/nobody/index.m3u8')).map(({ status }) => status)).toEqual(Array(4).fill(404))
  expect(line.origin.asked('/live/nobody/index.m3u8')).toBe(0)
  expect((await get(urls[0] + part)).status).toBe(404)
  line.origin.on(part, mediaReply(Buffer.from('part')))
  const since = performance.now()
  await waitFor('the part', async () => (await get(urls[0] + part)).status === 200, { everyMs: 20 })
  expect(performance.now() - since).toBeLessThan(1500)
})

test('an edge needs no more than the edge secret', async () => {
  const { edgeSecret } = deriveClusterKeys(clusterSecret)
  const secrets = { NOWCAST_CLUSTER_SECRET: '', NOWCAST_EDGE_SECRET: edgeSecret }
  const url = await startBehind(line.url, noRedis, secrets)
  await goLive('by-edge-secret')
  await isKnownAt(url, 'by-edge-secret')
})

test('only an edge can read the cluster state', async () => {
  const state = `${line.url}/cluster/state`
  expect((await get(state)).status).toBe(404)
  expect((await get(state, { headers: { authorization: 'Bearer guess' } })).status).toBe(404)
  const shared = await get(state, { headers: { authorization: peerCredentials } })
  expect(shared.status).toBe(200)
  expect(shared.body.toString()).not.toContain(line.origin.url)
})

test('signed channels: the edge checks the token, and the shield trusts the edge', async () => {
  const base = await goLive('members')
  const target = `${base}/1/720p/3.m4s`
  line.origin.on(target, mediaReply(Buffer.from('paid')))
  await line.rules.put(
    { signed: { members: { channelId: 'c_members', revokedUntil: 0 } }, revoked: {} },
    'v-members',
  )
  await waitFor('the edge to know the rule', async () => (await get(urls[0] + target)).status === 403)
  const peer = await get(line.url + target, { headers: { authorization: peerCredentials } })
  expect(peer.status).toBe(200)
})

test('when a shield hangs and then dies, the next one takes over, held reloads included', async () => {
  const base = await goLive('failover')
  line.origin.on(`${base}/720p.m3u8?_HLS_msn=4&_HLS_part=0`, playlistReply('#EXTM3U\n#over', 60))
  const first = await startEdgeProcess({
    redisUrl: line.redis.url,
    clusterSecret,
    env: { NOWCAST_EDGE_SHIELD: 'on' },
  })
  const edge = await startBehind(`${first.url},${line.url}`)
  const held = `${base}/720p.m3u8?_HLS_msn=3&_HLS_part=0`
  let reply = () => {}
  line.origin.on(held, (response) => {
    reply = () => playlistReply('#EXTM3U\n#again', 60)(response, held)
  })
  await isKnownAt(edge, 'failover')
  const waiting = get(edge + held)
  await line.origin.whenAsked(held)
  const stoppedAt = performance.now()
  first.kill('SIGSTOP')
  await line.origin.whenAsked(held, 2)
  // Probes are 250 ms apart, and one that takes over 1.5 s shows that the shield is down. The rest of the
  // limit is reserve.
  expect(performance.now() - stoppedAt).toBeLessThan(6000)
  reply()
  expect((await waiting).body.toString()).toBe('#EXTM3U\n#again')
  await first.stop('SIGKILL')
  expect((await get(`${edge}${base}/720p.m3u8?_HLS_msn=4&_HLS_part=0`)).body.toString()).toBe(
    '#EXTM3U\n#over',
  )
})

test('one broken connection does not affect the others at that shield', async () => {
  const base = await goLive('broken')
  const [held, broken] = [`${base}/720p.m3u8?_HLS_msn=6&_HLS_part=0`, `${base}/1/720p/4.m4s`]
  let reply = () => {}
  const peer = { authorization: peerCredentials }
  const shield = await startFakeOrigin()
  shield.on(broken, (response) => void response.socket?.destroy())
  shield.on(held, (response) => {
    reply = () => playlistReply('#EXTM3U\n#kept', 60)(response, held)
  })
  shield.otherwise(async (response, target) => {
    const { status, body } = await get(line.url + target, { headers: peer })
    response.writeHead(status).end(body)
  })
  const edge = await startBehind(shield.url)
  const waiting = get(edge + held)
  await shield.whenAsked(held)
  expect((await get(edge + broken)).status).toBe(502)
  reply()
  expect((await waiting).body.toString()).toBe('#EXTM3U\n#kept')
  await shield.die()
})
