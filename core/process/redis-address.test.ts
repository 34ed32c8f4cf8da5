import { expect, test } from 'vitest'
import { sentinelOptions } from './redis-address.ts'

test.each(['redis://127.0.0.1:6379', 'rediss://:secret@redis.example', '/run/redis.sock'])(
  '%s has no sentinels',
  (address) => {
    expect(sentinelOptions(address)).toBeUndefined()
  },
)

test('the sentinels, the name and the database are those of the address', () => {
  expect(sentinelOptions('redis+sentinel://one:26380,two,[fd00::3]:5000/show/2')).toMatchObject({
    sentinels: [
      { host: 'one', port: 26380 },
      { host: 'two', port: 26379 },
      { host: 'fd00::3', port: 5000 },
    ],
    name: 'show',
    db: 2,
  })
})

test('passwords may have any character, and those of the sentinels are their own', () => {
  const address = 'rediss+sentinel://app:p%40ss%2Fw%3Ard@a/show?sentinel_password=oth%26er'
  expect(sentinelOptions(address)).toMatchObject({
    username: 'app',
    password: 'p@ss/w:rd',
    sentinelPassword: 'oth&er',
    enableTLSForSentinelMode: true,
  })
  expect(sentinelOptions('redis+sentinel://:only@a/show')).not.toHaveProperty('username')
})

test.each([
  'redis+sentinel://:secret@a:26379',
  'redis+sentinel://:secret@/show',
  'redis+sentinel://:secret@a:b/show',
  'redis+sentinel://:secret@a:70000/show',
  'redis+sentinel://:secret@a,,b/show',
  'redis+sentinel://:secr%eet@a/show',
])('%s is refused without being repeated', (address) => {
  expect(() => sentinelOptions(address)).toThrow(/^REDIS_URL with sentinels has the form/)
})

test('a primary that has become a replica is left', () => {
  const { reconnectOnError } = sentinelOptions('redis+sentinel://a/show') ?? {}
  expect(reconnectOnError?.(new Error("READONLY You can't write against a read only replica."))).toBe(true)
  expect(reconnectOnError?.(new Error('OOM command not allowed'))).toBe(false)
})
