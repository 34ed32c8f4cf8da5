import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { closeRedis, connectRedis, type Redis, redisReady } from '../../core/process/redis.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server?.stop())

const connect = () =>
  connectRedis({ url: server.url, log: createLog('test', 'silent'), purpose: 'test', whenAway: 'fail' })

const endOf = (redis: Redis) => new Promise<void>((resolve) => redis.once('end', () => resolve()))

/** Makes a connection end as ioredis does when sentinels report a new primary while it looks for one. */
async function endByFailover(redis: Redis): Promise<void> {
  const { connector } = redis as unknown as { connector: { connect(): Promise<unknown> } }
  const connectAgain = connector.connect
  connector.connect = () => {
    connector.connect = connectAgain
    return Promise.reject(new Error('Connection is closed.'))
  }
  const ended = endOf(redis)
  redis.disconnect(true)
  await ended
}

test.each([
  ['a connection', (redis: Redis) => redis],
  ['a duplicate of it', (redis: Redis) => redis.duplicate()],
])('%s that has ended by a failover connects again', async (_what, of) => {
  const first = connect()
  const redis = of(first)
  redis.on('error', () => {})
  await redisReady(redis)
  await endByFailover(redis)
  await redisReady(redis)
  expect(await redis.ping()).toBe('PONG')
  for (const each of new Set([first, redis])) closeRedis(each)
})

test.each([
  ['closed', closeRedis],
  ['asked to quit', (redis: Redis) => redis.quit()],
])('a connection that was %s stays closed', async (_how, close) => {
  const redis = connect()
  await redisReady(redis)
  const ended = endOf(redis)
  await close(redis)
  await ended
  await expect(redisReady(redis, 1500)).rejects.toThrow('redis did not answer')
  expect(redis.status).toBe('end')
})

test('a connection that has ended by a failover hears again what it has subscribed to', async () => {
  const [redis, sender] = [connect(), connect()]
  redis.on('error', () => {})
  await Promise.all([redis, sender].map((each) => redisReady(each)))
  await redis.subscribe('news')
  const heard = new Promise((resolve) => redis.once('message', (_, message) => resolve(message)))
  await endByFailover(redis)
  await waitFor('someone to hear it', async () => (await sender.publish('news', 'again')) > 0)
  expect(await heard).toBe('again')
  for (const each of [redis, sender]) closeRedis(each)
})

test('a subscription whose result is not awaited may fail', async () => {
  const redis = connect()
  await redisReady(redis)
  process.kill(server.pid, 'SIGSTOP')
  try {
    const failed = redis.subscribe('news')
    // As ioredis does after a reconnect. A rejection that is not handled would fail this test run.
    void redis.subscribe('other')
    closeRedis(redis)
    await expect(failed).rejects.toThrow('Connection is closed')
  } finally {
    process.kill(server.pid, 'SIGCONT')
  }
})
