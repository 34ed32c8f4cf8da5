import { once } from 'node:events'
import { expect, test } from 'vitest'
import type { Origin } from '../../core/contracts/live-records.ts'
import { createLiveRegistry } from '../../core/contracts/live-registry.ts'
import { closeRedis } from '../../core/process/redis.ts'
import { createOtherOrigins } from '../../transcoder/session/other-origins.ts'
import { liveOrigin } from '../kit/edge/live-origin.ts'
import { connectToRedis, startRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

const origin = liveOrigin({ sessionId: 's_1', transcoder: 'i_other' })

test('another transcoder works on a session while it writes the origin and has not left it', async () => {
  const server = await startRedis()
  const redis = await connectToRedis(server.url)
  const registry = createLiveRegistry(redis)
  const others = createOtherOrigins({ registry, redis, instance: 'i_this' })
  const hasWith = async (change: Partial<Origin>) => {
    await registry.putOrigin({ ...origin, ...change })
    return others.has('s_1')
  }
  try {
    expect(await others.has('s_1')).toBe(false)
    expect(await hasWith({ state: 'ended' })).toBe(false)
    expect(await hasWith({ isReleased: true })).toBe(false)
    expect(await hasWith({ isOffered: true })).toBe(false)
    expect(await hasWith({ transcoder: 'i_this' })).toBe(false)
    expect(await hasWith({ state: 'starting' })).toBe(true)
    expect(await hasWith({})).toBe(true)
    await waitFor('the origin to be stale', async () => !(await others.has('s_1')))

    redis.disconnect(true)
    await once(redis, 'ready')
    expect(await others.has('s_1'), 'it may not have written yet').toBe(true)
    await waitFor('the origin to be stale', async () => !(await others.has('s_1')))
  } finally {
    closeRedis(redis)
    await server.stop()
  }
}, 30_000)
