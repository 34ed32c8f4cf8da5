import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import { type LiveChannel, startLiveChannel } from '../kit/live-channel.ts'
import { startPublisher } from '../kit/publisher.ts'
import { type SentinelRedis, startSentinelRedis } from '../kit/redis-sentinel.ts'

let sentinel: SentinelRedis
let live: LiveChannel

beforeAll(async () => {
  sentinel = await startSentinelRedis()
  live = await startLiveChannel({
    slug: 'show',
    size: '320x180',
    env: { REDIS_URL: sentinel.url, NOWCAST_LADDER: 'off' },
  })
})
afterAll(async () => {
  await live?.stop()
  await sentinel?.stop()
})

test('a show continues while Redis fails over, and another one begins afterwards', async () => {
  const channel = () => live.whole.api<ChannelView>('GET', '/v1/channels/show')
  const { live: before } = await channel()
  const { lastWhole } = await live.playlist('video', '')

  await sentinel.killPrimary()
  await sentinel.untilFailedOver()
  await live.untilSegments('video', lastWhole + 3)
  expect((await live.playlist('video', '')).text).not.toMatch(/EXT-X-ENDLIST|EXT-X-DISCONTINUITY\n/)
  expect((await channel()).live?.sessionId).toBe(before?.sessionId)

  const { streamKey } = await live.whole.api('POST', '/v1/channels', { slug: 'next' })
  const publisher = startPublisher({ url: `${live.whole.rtmpUrl}/${streamKey}`, size: '320x180' })
  try {
    await live.whole.untilLive('next')
  } finally {
    await publisher.stop('SIGKILL')
  }
}, 90_000)
