import { expect, test } from 'vitest'
import { chooseRedisAddress, redisUrlOf } from './redis-child.ts'

test('the private Redis listens on a unix socket in the data dir', async () => {
  const address = await chooseRedisAddress('/var/lib/nowcast')
  expect(address).toEqual({ socket: '/var/lib/nowcast/redis/redis.sock' })
  expect(redisUrlOf(address)).toBe('/var/lib/nowcast/redis/redis.sock')
})

test('it listens on a loopback port with a password where the path is too long for a socket', async () => {
  const address = await chooseRedisAddress(`/var/lib/${'long'.repeat(30)}`)
  expect(redisUrlOf(address)).toMatch(/^redis:\/\/:[\w-]{32}@127\.0\.0\.1:\d+$/)
})
