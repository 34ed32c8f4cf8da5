import { expect, it } from 'vitest'
import { placeRedis, redisUrlOf } from './private-redis.ts'

it('listens at a unix socket in the data dir, reachable by its owner alone', async () => {
  const place = await placeRedis('/var/lib/nowcast')
  expect(place).toEqual({ socket: '/var/lib/nowcast/redis/redis.sock' })
  expect(redisUrlOf(place)).toBe('/var/lib/nowcast/redis/redis.sock')
})

it('listens at a loopback port with a password where the path is too long for a socket', async () => {
  const place = await placeRedis(`/var/lib/${'long'.repeat(30)}`)
  expect(redisUrlOf(place)).toMatch(/^redis:\/\/:[\w-]{32}@127\.0\.0\.1:\d+$/)
})
