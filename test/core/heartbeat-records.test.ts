import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createHeartbeatRecords } from '../../core/mechanisms/heartbeat-records.ts'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { unwritableStates } from '../kit/redis-states.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = await connectToRedis(server.url)
})
afterEach(() => void vi.restoreAllMocks())
afterAll(async () => {
  closeRedis(redis)
  await server.stop()
})

const recordsOf = (name: string, ttlMs: number, keptMs?: number) =>
  createHeartbeatRecords<{ n: number }>(redis, {
    index: name,
    prefix: `${name}:`,
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
  expect(await records.getListed('a')).toBeUndefined()
  expect(await records.get('a')).toEqual({ n: 1 })
  await records.put('b', { n: 2 })
  expect(await redis.zrange('lapsing', '0', '-1')).toEqual(['b'])
})

test('an older record does not replace a newer one', async () => {
  const records = recordsOf('ordered', 60_000)
  expect(await records.putUnlessOlder('a', { n: 2 }, 'n')).toBe(true)
  expect(await records.putUnlessOlder('a', { n: 1 }, 'n')).toBe(false)
  expect(await records.get('a')).toEqual({ n: 2 })
  expect(await records.putUnlessOlder('a', { n: 2 }, 'n')).toBe(true)
})

test('a listed id without a record is left out', async () => {
  const records = recordsOf('without', 60_000)
  await records.put('a', { n: 1 })
  await redis.del('without:a')
  expect(await records.ids()).toEqual(['a'])
  expect(await records.all()).toEqual([])
})

test.each([-3 * 3_600_000, -60_000, 60_000, 3 * 3_600_000])(
  'a process whose clock is wrong by %i ms sees and keeps the records of others',
  async (offMs) => {
    const records = recordsOf(`skewed${offMs}`, 6000)
    await records.put('right', { n: 1 })
    const trueNow = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => trueNow() + offMs)
    await records.put('wrong', { n: 2 })
    expect((await records.ids()).sort()).toEqual(['right', 'wrong'])
    vi.restoreAllMocks()
    expect((await records.ids()).sort()).toEqual(['right', 'wrong'])
  },
)

test('a record without an owner lapses soon after the clock of Redis was set back', async () => {
  const records = recordsOf('back', 100)
  await records.put('left', { n: 1 })
  // A step of the clock leaves such a record: it expires later than any owner would let it.
  await redis.zadd('back', Date.now() + 3 * 3_600_000, 'left')
  await redis.persist('back:left')
  expect(await records.ids()).toEqual(['left'])
  await records.put('kept', { n: 2 })
  await waitFor('the record to lapse', async () => (await records.getListed('left')) === undefined)
})

test.each(unwritableStates)(
  '$name: nothing can be read from it, and all is back afterwards',
  async (state) => {
    const records = recordsOf(`unwritable-${state.name}`, 60_000)
    await records.put('a', { n: 1 })
    await state.begin(redis)
    await expect(records.put('a', { n: 2 })).rejects.toThrow()
    await expect(records.get('a')).rejects.toThrow()
    await expect(records.getListed('a')).rejects.toThrow()
    await expect(records.ids()).rejects.toThrow()
    await expect(records.all()).rejects.toThrow()
    await state.end(redis)
    expect(await records.all()).toEqual([{ n: 1 }])
  },
)
