import { expect, test } from 'vitest'
import { chooseRedisAddress, redisUrlOf } from './redis-child.ts'

test('the private Redis listens on a unix socket in the data dir', async () => {
  const address = await chooseRedisAddress('/var/lib/nowcast', '127.0.0.1')
  expect(address).toEqual({ socket: '/var/lib/nowcast/redis/redis.sock' })
  expect(redisUrlOf(address)).toBe('/var/lib/nowcast/redis/redis.sock')
})

test('it listens on a loopback port with a password where the path is too long for a socket', async () => {
  const dataDir = `/var/lib/${'long'.repeat(30)}`
  const urlAt = async (loopback: string) => redisUrlOf(await chooseRedisAddress(dataDir, loopback))
  expect(await urlAt('127.0.0.1')).toMatch(/^redis:\/\/:[\w-]{32}@127\.0\.0\.1:\d+$/)
  expect(await urlAt('::1')).toMatch(/^redis:\/\/:[\w-]{32}@\[::1\]:\d+$/)
})
