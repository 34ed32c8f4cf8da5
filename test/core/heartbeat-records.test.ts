import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHeartbeatRecords } from '../../core/mechanisms/heartbeat-records.ts'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = await connectToRedis(server.url)
})
afterAll(async () => {
  closeRedis(redis)
  await server.stop()
})

const recordsOf = (name: string, ttlMs: number, keptMs?: number) =>
  createHeartbeatRecords<{ n: number }>(redis, {
    index: name,
    keyOf: (id) => `${name}:${id}`,
    ttlMs,
    ...(keptMs === undefined ? {} : { keptMs }),
  })

test('records are listed while they are written, and gone when removed', async () => {
  const records = recordsOf('listed', 60_000)
  expect(await records.all()).toEqual([])
  await records.put('a', { n: 1 })
  await records.put('b', { n: 2 })
  await records.put('a', { n: 3 })
  expect(await records.all()).toEqual(expect.arrayContaining([{ n: 3 }, { n: 2 }]))
  expect((await records.ids()).sort()).toEqual(['a', 'b'])
  await records.remove('a')
  expect(await records.ids()).toEqual(['b'])
  expect(await records.get('a')).toBeUndefined()
})

test('a record lapses, and stays readable by id for longer where that is asked for', async () => {
  const records = recordsOf('lapsing', 50, 60_000)
  await records.put('a', { n: 1 })
  await waitFor('the record to lapse', async () => (await records.ids()).length === 0)
  expect(await records.all()).toEqual([])
  expect(await records.get('a')).toEqual({ n: 1 })
  await records.put('b', { n: 2 })
  expect(await redis.zrange('lapsing', '0', '-1')).toEqual(['b'])
})

test('a listed id without a record is left out', async () => {
  const records = recordsOf('without', 60_000)
  await records.list('a')
  expect(await records.ids()).toEqual(['a'])
  expect(await records.all()).toEqual([])
})
