import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { mediaReply, playlistReply } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { waitFor } from '../kit/wait-for.ts'

const lowLatency = [
  '#EXTM3U',
  '#EXT-X-TARGETDURATION:2',
  '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=6,PART-HOLD-BACK=1',
  '#EXT-X-PART-INF:PART-TARGET=0.333',
  '#EXTINF:2,',
  '1/720p/1.m4s',
  '#EXT-X-PART:DURATION=0.333,URI="1/720p/2.0.m4s"',
  '',
].join('\n')

let line: EdgeLine
let multivariant: string
let playlist: string
let segment: string
let heartbeat: NodeJS.Timeout

beforeAll(async () => {
  line = await startEdgeLine({
    NOWCAST_EDGE_OVERLOAD_MBPS: '8',
    NOWCAST_EDGE_WORKERS: '2',
    NOWCAST_LOG_LEVEL: 'error',
  })
  const { base, origin } = await line.goLive('spike')
  // An edge forgets a channel 12 s after its origin was last seen. This file takes about as long.
  heartbeat = setInterval(() => void line.registry.putOrigin(origin), 2000)
  multivariant = '/live/spike/index.m3u8'
  playlist = `${base}/720p.m3u8`
  segment = `${base}/1/720p/1.m4s`
  line.origin.on(multivariant, playlistReply('#EXTM3U', 60))
  line.origin.on(playlist, playlistReply(lowLatency, 60))
  line.origin.on(segment, mediaReply(Buffer.alloc(1_000_000)))
})
afterAll(async () => {
  clearInterval(heartbeat)
  await line.close()
})

const as = (viewer: string, target: string) => get(`${line.url}${target}?CMCD=sid%3D%22${viewer}%22`)

/** Causes more egress than the edge's limit until `isReached`, for at most 20 s. */
async function overload(isReached: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await isReached()) && performance.now() < end)
    for (let i = 0; i < 4; i += 1) await get(line.url + segment)
}

test('under overload playlists lose their parts, then newcomers are refused, and it ends automatically', async () => {
  expect((await as('regular', playlist)).body.toString()).toBe(lowLatency)
  expect((await as('regular', multivariant)).status).toBe(200)

  await overload(async () => (await line.metric('admission_step')) >= 2)
  const relaxed = (await as('regular', playlist)).body.toString()
  expect(relaxed).not.toMatch(/PART/)
  expect(relaxed).toContain('1/720p/1.m4s')
  await overload(async () => (await line.metric('admission_step')) === 3)

  const refused = await as('newcomer', multivariant)
  expect(refused.status).toBe(503)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(4)
  expect(refused.headers['access-control-expose-headers']).toContain('Retry-After')
  // Any worker may accept a connection, so every worker must know the viewer.
  const watching = await Promise.all(Array.from({ length: 20 }, () => as('regular', multivariant)))
  expect(watching.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
  expect(
    (await as('newcomer', '/live/nothing-on/index.m3u8')).status,
    'a channel that is not live is not full',
  ).toBe(404)
  expect(await line.metric('errors_total', 'show_full')).toBe(1)

  await waitFor('calm', async () => (await line.metric('admission_step')) === 0, { timeoutMs: 20_000 })
  // After the step back to `open`, newcomers are admitted gradually.
  await waitFor('a newcomer to be admitted', async () => (await as('newcomer', multivariant)).status === 200)
  expect((await as('newcomer', playlist)).body.toString()).toBe(lowLatency)
})

test('requests wait up to the setting', async () => {
  const few = await startEdgeLine({ NOWCAST_EDGE_MAX_WAITING: '3' })
  const { base } = await few.goLive('few')
  const target = `${base}/720p.m3u8?_HLS_msn=2`
  let land = () => {}
  few.origin.on(target, (response) => {
    land = () => playlistReply('#EXTM3U')(response, target)
  })
  const asking = Array.from({ length: 5 }, () => get(few.url + target))
  await waitFor('two to be refused', async () => (await few.metric('errors_total', 'edge_busy')) === 2)
  await few.origin.whenAsked(target)
  land()
  const statuses = (await Promise.all(asking)).map(({ status }) => status)
  expect(statuses.sort()).toEqual([200, 200, 200, 503, 503])
  await few.close()
})
