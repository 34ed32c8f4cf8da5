import { Agent } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { startRates } from '../../core/playback/start-bundle.ts'
import { type EdgeBeforePackager, startEdgeBeforePackager } from '../kit/edge/edge-before-packager.ts'
import { createRandom } from '../kit/random.ts'
import { waitFor } from '../kit/wait-for.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 40 })
let edge: EdgeBeforePackager
afterEach(async () => {
  await edge.close()
})

/** Maximum number of requests to the origin that 400 requests of no use to a player may cause. */
const handful = 5

/** Sends 400 requests, and returns how many requests to the origin they caused. */
async function costOf(targetOf: (n: number) => string): Promise<number> {
  const before = edge.asked.length
  const responses = await Promise.all(
    Array.from({ length: 400 }, (_, n) => edge.ask(targetOf(n), { agent }).catch(() => undefined)),
  )
  expect(responses.filter((response) => response === undefined)).toEqual([])
  return edge.asked.length - before
}

/** Requests a playlist, and repeats the request while the playlist is not available in time (503). */
async function watch(target: string): Promise<string> {
  const { status, body } = await edge.ask(target)
  return status === 503 ? await watch(target) : body.toString()
}

const random = createRandom(42)
const upTo = (limit: number) => Math.floor(random() * limit)

/** Requests that no player sends, by kind. The newest part is 30.0, and the oldest listed segment is 18. */
const kinds: [kind: string, targetOf: (base: string, n: number) => string][] = [
  ['a part of a stale segment', (base, n) => `${base}/720p.m3u8?_HLS_msn=23&_HLS_part=${n}`],
  ['stale segments', (base, n) => `${base}/360p.m3u8?_HLS_msn=${n % 30}&_HLS_part=${upTo(1e6)}`],
  ['a segment far ahead', (base, n) => `${base}/720p.m3u8?_HLS_msn=${100 + n}`],
  ['parts far ahead', (base, n) => `${base}/720p.m3u8?_HLS_msn=30&_HLS_part=${100 + n}`],
  ['delta updates', (base, n) => `${base}/720p.m3u8?_HLS_skip=${n % 2 ? 'YES' : 'v2'}&_HLS_msn=${n % 29}`],
  ['malformed directives', (base, n) => `${base}/720p.m3u8?_HLS_msn=0${n}&_HLS_part=-${n}`],
  ['segments far ahead', (base) => `${base}/1/720p/${40 + upTo(1e9)}.m4s`],
  ['old segments', (base, n) => `${base}/1/360p/${n % 14}.m4s`],
  ['parts past the end', (base, n) => `${base}/1/720p/${n % 30}.${5 + upTo(1e5)}.m4s`],
  ['parts of segments far ahead', (base, n) => `${base}/1/audio/${32 + n}.${upTo(9)}.m4s`],
  ['other epochs', (base, n) => `${base}/${2 + n}/720p/${n % 30}.m4s`],
  ['parts of other epochs', (base, n) => `${base}/${2 + n}/720p/30.0.m4s`],
  ['init segments of other epochs', (base, n) => `${base}/${2 + n}/720p/init.mp4`],
  ['unknown renditions', (base, n) => `${base}/${n}p.m3u8`],
  ['media of unknown renditions', (base, n) => `${base}/1/${n}p/${n % 12}.m4s`],
  ['unknown renditions, held', (base, n) => `${base}/${n}p.m3u8?_HLS_msn=${n}`],
  ['unknown channels', (_, n) => `/live/channel-${n}/index.m3u8`],
  ['unknown sessions', (_, n) => `/live/demo/s_${String(n).padStart(22, '0')}/720p.m3u8`],
  ['start bundles that do not exist', (_, n) => `/live/demo/start-${n}-${n % 10}.bin`],
]

test('400 requests of each kind that no player sends cost the origin a handful, watched or not', async () => {
  edge = await startEdgeBeforePackager(60_480)
  await edge.ask('/live/demo/index.m3u8')
  await edge.ask(`${edge.base}/720p.m3u8`)
  const viewer = watch(`${edge.base}/720p.m3u8?_HLS_msn=30&_HLS_part=1`)
  await waitFor('the viewer to wait', () => edge.held() === 1)
  for (const [kind, targetOf] of kinds)
    expect(await costOf((n) => targetOf(edge.base, n)), kind).toBeLessThanOrEqual(handful)
  expect(edge.held(), 'nothing else is held').toBeLessThanOrEqual(1)
  edge.writeTo(60_880)
  expect(await viewer).toContain('30.1.m4s')
})

test('an edge that knows nothing of a session asks the origin a bounded number of times', async () => {
  edge = await startEdgeBeforePackager(24_480)
  expect(await costOf((n) => `${edge.base}/1/${n}p/${n}.m4s`)).toBeLessThanOrEqual(30)
  expect((await edge.ask('/live/demo/index.m3u8')).status).toBe(200)
  for (const name of ['720p', '360p', 'audio'])
    expect((await edge.ask(`${edge.base}/${name}.m3u8`)).status, 'its name is known now').toBe(200)
  expect((await edge.ask(`${edge.base}/1/720p/11.m4s`)).status).toBe(200)
})

test('all that players request is there: old and new segments, parts, the hinted part, init segments', async () => {
  edge = await startEdgeBeforePackager(40_480)
  const playlist = (await edge.ask(`${edge.base}/720p.m3u8`)).body.toString()
  const uris = [...playlist.matchAll(/URI="(\d+\/[^"]+)"|^(\d+\/.*)$/gm)].map(
    ([, one, other]) => one ?? other,
  )
  expect(uris.length).toBeGreaterThan(20)
  const hint = `${edge.base}/${uris.at(-1)}`
  const hinted = edge.ask(hint)
  for (const uri of uris.slice(0, -1)) expect((await edge.ask(`${edge.base}/${uri}`)).status, uri).toBe(200)
  await waitFor('the hinted part to be held', () => edge.held() === 1)
  edge.writeTo(42_480)
  expect((await hinted).status).toBe(200)
  // The response is a newer playlist. A slow player may still want one of the oldest segments after that.
  await edge.ask(`${edge.base}/720p.m3u8?_HLS_msn=21&_HLS_part=0`)
  expect((await edge.ask(`${edge.base}/${uris[2]}`)).status).toBe(200)
})

test('players get the first part of a session before its first segment is complete', async () => {
  edge = await startEdgeBeforePackager(900)
  await edge.ask('/live/demo/index.m3u8')
  const { status, body } = await edge.ask(`${edge.base}/720p.m3u8?_HLS_msn=0&_HLS_part=0`)
  expect([status, body.toString().includes('0.0.m4s')]).toEqual([200, true])
  expect((await edge.ask(`${edge.base}/1/720p/0.0.m4s`)).status).toBe(200)
})

test('whatever players wait for, the origin holds one request per version of a playlist', async () => {
  edge = await startEdgeBeforePackager(24_480)
  await edge.ask(`${edge.base}/720p.m3u8`)
  const queries = ['12&_HLS_part=1', '12&_HLS_part=1&_HLS_skip=YES', '12&_HLS_part=2', '13&_HLS_part=0', '13']
  const responses = queries.map((query) => edge.ask(`${edge.base}/720p.m3u8?_HLS_msn=${query}`))
  await waitFor('all to wait', () => edge.path.figures.flights.waiting === queries.length)
  expect(edge.held()).toBe(1)
  const before = edge.asked.length
  for (let ms = 24_880; ms <= 28_480; ms += 400) {
    edge.writeTo(ms)
    const isSettled = () => edge.held() > 0 || edge.path.figures.flights.waiting === 0
    await waitFor('the response', isSettled, { everyMs: 2 })
    expect(edge.held(), 'one for a part, and one for a segment').toBeLessThanOrEqual(2)
  }
  const bodies = (await Promise.all(responses)).map(({ status, body }) => `${status} ${body.toString()}`)
  for (const [n, part] of ['12.1', '12.1', '12.2', '13.0', '1/720p/13.m4s'].entries())
    expect(bodies[n], queries[n]).toContain(part)
  expect(bodies[1]).toContain('#EXT-X-SKIP:')
  expect(edge.asked.length - before).toBeLessThanOrEqual(10)
})

test('the number of start bundles is bounded', async () => {
  edge = await startEdgeBeforePackager(24_480)
  const targets = startRates.flatMap((rate) => [0, 2, 4].map((distance) => `start-${rate}-${distance}.bin`))
  expect(await costOf((n) => `/live/demo/${targets[n % targets.length]}`)).toBeLessThanOrEqual(60)
})
