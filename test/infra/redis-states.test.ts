import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import { transcodeJobId } from '../../core/contracts/transcode/transcode-job.ts'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import { type LiveChannel, startLiveChannel } from '../kit/live-channel.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { type UnwritableState, unwritableStates } from '../kit/redis-states.ts'
import { type SlowProxy, startSlowProxy } from '../kit/slow-proxy.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let proxy: SlowProxy
let redis: Redis
let live: LiveChannel

beforeAll(async () => {
  server = await startRedis()
  proxy = await startSlowProxy(server.url)
  redis = await connectToRedis(server.url, 'wait')
  live = await startLiveChannel({
    slug: 'show',
    size: '320x180',
    env: { REDIS_URL: proxy.url, NOWCAST_LADDER: 'off' },
  })
}, 60_000)
afterAll(async () => {
  await live?.stop()
  closeRedis(redis)
  await proxy.close()
  await server.stop()
})

const channel = () => live.whole.api<ChannelView>('GET', '/v1/channels/show')

/** Returns the troubles of Redis that all roles report. */
async function commonTroubles(): Promise<string> {
  const texts = await Promise.all(
    ['ingest', 'transcoder', 'edge', 'manager'].map((role) => live.whole.metrics(role)),
  )
  const kinds = texts.map(
    (text) =>
      new Set([...text.matchAll(/nowcast_redis_trouble\{kind="(\w+)".*\} 1/g)].map(([, kind]) => kind)),
  )
  return [...(kinds[0] ?? [])].filter((kind) => kinds.every((each) => each.has(kind))).join(' ')
}

const untilTrouble = (expected: string) =>
  waitFor(expected || 'no trouble', async () => (await commonTroubles()) === expected)

/**
 * Checks that the playlist continues without a discontinuity, that newcomers find the channel, and that the
 * API has the session, until `until` resolves.
 */
async function staysLive(sessionId: string, until: Promise<unknown>): Promise<void> {
  const over = { is: false }
  const ended = until.finally(() => {
    over.is = true
  })
  ended.catch(() => {})
  let { lastWhole } = await live.playlist('video', '')
  while (!over.is) {
    await live.untilSegments('video', lastWhole + 2)
    const response = await live.playlist('video', '')
    expect(response.text).not.toMatch(/EXT-X-ENDLIST|EXT-X-DISCONTINUITY\n/)
    lastWhole = response.lastWhole
    expect((await fetch(`${live.edgeUrl}/live/show/index.m3u8`)).status).toBe(200)
    expect((await channel()).live?.sessionId).toBe(sessionId)
  }
  await ended
}

test('a Redis that takes no writes ends nothing, longer than records live, and all is right afterwards', async () => {
  const sessionId = (await channel()).live?.sessionId ?? ''
  const startedAt = performance.now()
  async function goThroughStates() {
    let previous: UnwritableState | undefined
    for (const state of unwritableStates) {
      await state.begin(redis)
      // The previous state ends only now, so that no heartbeat comes between them.
      await previous?.end(redis)
      await untilTrouble(state.kind)
      previous = state
    }
    await delay(Math.max(0, 13_000 - (performance.now() - startedAt)))
    await previous?.end(redis)
    await untilTrouble('')
  }
  await staysLive(sessionId, goThroughStates())
  await waitFor('the registry to be full again', async () => (await channel()).live?.state === 'live')
}, 90_000)

test('with a Redis that takes 2 s to respond a show continues', async () => {
  const sessionId = (await channel()).live?.sessionId ?? ''
  proxy.setDelay(2000)
  // Longer than the lock of a transcode job lives, and the records of what is live.
  await staysLive(sessionId, Promise.all([untilTrouble('slow'), delay(10_000)]))
  proxy.setDelay(0)
  await staysLive(sessionId, untilTrouble(''))
}, 60_000)

test('a session whose job and transcoder are gone with the data of Redis is transcoded within 10 s', async () => {
  const sessionId = (await channel()).live?.sessionId ?? ''
  for (const pid of live.whole.rolePids('transcoder')) process.kill(pid, 'SIGKILL')
  await server.restart()
  await waitFor('another transcoder', async () => {
    const origin = await redis.get(`nowcast:origin:${sessionId}`)
    return origin !== null && (JSON.parse(origin) as { state: string }).state === 'live'
  })
  expect((await channel()).live?.sessionId).toBe(sessionId)
  expect(await redis.exists(`nowcast:transcode:${transcodeJobId(sessionId, 2)}`)).toBe(1)
}, 60_000)
