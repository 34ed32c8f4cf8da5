import { test } from 'vitest'
import { watchRedisHealth } from '../../core/health/redis-health.ts'
import { createLog } from '../../core/process/log.ts'
import { newRegistry } from '../../core/process/metrics.ts'
import { closeRedis } from '../../core/process/redis.ts'
import { connectToRedis, startRedis } from '../kit/redis.ts'
import { unwritableStates } from '../kit/redis-states.ts'
import { startSlowProxy } from '../kit/slow-proxy.ts'
import { waitFor } from '../kit/wait-for.ts'

test('a metric has each trouble of Redis while it lasts', async () => {
  const server = await startRedis()
  const proxy = await startSlowProxy(server.url)
  const redis = await connectToRedis(server.url, 'wait')
  const registry = newRegistry('test')
  const log = createLog('test', 'silent')
  const end = watchRedisHealth(registry, { redisUrl: proxy.url, purpose: 'test', log, everyMs: 20 })
  const troubles = async () =>
    [...(await registry.metrics()).matchAll(/nowcast_redis_trouble\{kind="(\w+)",role="test"\} 1/g)]
      .map(([, kind]) => kind)
      .join(' ')
  const until = (expected: string) =>
    waitFor(expected || 'no trouble', async () => (await troubles()) === expected)
  await until('')

  for (const state of unwritableStates) {
    await state.begin(redis)
    await until(state.kind)
    await state.end(redis)
    await until('')
  }
  proxy.setDelay(600)
  await until('slow')
  proxy.setDelay(0)
  await until('')
  await server.kill()
  await until('away')
  await server.restart()
  await until('')

  end()
  closeRedis(redis)
  await proxy.close()
  await server.stop()
})
