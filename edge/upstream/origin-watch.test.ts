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
  return {
    source,
    watch,
    tick: (ms: number) => (clock += ms),
    announce: (announced: RegistryChange) => change(announced),
  }
}

test('any number of viewers of unknown sessions causes one poll in a while', async () => {
  const { source, watch, tick } = setUp(async () => [])
  const polls = Array.from({ length: 50 }, () => watch.pollOnDemand())
  expect(new Set(polls).size).toBe(1)
  await polls[0]
  expect(watch.pollOnDemand()).toBeUndefined()
  expect(source.origins).toHaveBeenCalledTimes(1)
  tick(250)
  expect(watch.pollOnDemand()).toBeDefined()
  expect(source.origins).toHaveBeenCalledTimes(2)
})

test('a registry that does not respond ends nothing and does not count as read', async () => {
  const { watch, tick, source } = setUp(() => Promise.reject(new Error('away')))
  await expect(watch.pollOnDemand()).resolves.toBe(false)
  expect(watch.hasRead).toBe(false)
  source.origins.mockResolvedValue([])
  tick(1000)
  await expect(watch.pollOnDemand()).resolves.toBe(true)
  expect(watch.hasRead).toBe(true)
})

test('changes of session records are ignored', () => {
  const { source, announce } = setUp(async () => [])
  announce({ kind: 'session', change: 'put', sessionId: 's_1', slug: 'demo' })
  expect(source.origin).not.toHaveBeenCalled()
  announce({ kind: 'origin', change: 'put', sessionId: 's_1', slug: 'demo' })
  expect(source.origin).toHaveBeenCalledExactlyOnceWith('s_1')
})
