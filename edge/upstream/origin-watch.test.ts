import { afterEach, expect, test, vi } from 'vitest'
import type { Origin, RegistryChange } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import { createOriginTable } from './origin-table.ts'
import { type OriginWatch, watchOrigins } from './origin-watch.ts'

let watch: OriginWatch | undefined
afterEach(() => watch?.close())

function setUp(origins: () => Promise<Origin[]>) {
  let clock = 0
  let change: (change: RegistryChange) => void = () => {}
  const source = {
    origin: vi.fn(async () => undefined),
    origins: vi.fn(origins),
    sessionIds: async () => [],
    watch: (onChange: typeof change) => {
      change = onChange
    },
  }
  const options = { log: createLog('test', 'silent'), now: () => clock, everyMs: 60_000 }
  watch = watchOrigins(
    source,
    createOriginTable(() => {}),
    options,
  )
  return { source, watch, tick: (ms: number) => (clock += ms), tell: (told: RegistryChange) => change(told) }
}

test('viewers of unknown sessions cause one look in a while, however many they are', async () => {
  const { source, watch, tick } = setUp(async () => [])
  const looks = Array.from({ length: 50 }, () => watch.lookAgain())
  expect(new Set(looks).size).toBe(1)
  await looks[0]
  expect(watch.lookAgain()).toBeUndefined()
  expect(source.origins).toHaveBeenCalledTimes(1)
  tick(250)
  expect(watch.lookAgain()).toBeDefined()
  expect(source.origins).toHaveBeenCalledTimes(2)
})

test('a registry that does not answer is no end, and not a look either', async () => {
  const { watch, tick, source } = setUp(() => Promise.reject(new Error('away')))
  await expect(watch.lookAgain()).resolves.toBe(false)
  expect(watch.hasLooked).toBe(false)
  source.origins.mockResolvedValue([])
  tick(1000)
  await expect(watch.lookAgain()).resolves.toBe(true)
  expect(watch.hasLooked).toBe(true)
})

test('changes of sessions are none of its business', () => {
  const { source, tell } = setUp(async () => [])
  tell({ kind: 'session', change: 'put', sessionId: 's_1', slug: 'demo' })
  expect(source.origin).not.toHaveBeenCalled()
  tell({ kind: 'origin', change: 'put', sessionId: 's_1', slug: 'demo' })
  expect(source.origin).toHaveBeenCalledExactlyOnceWith('s_1')
})
