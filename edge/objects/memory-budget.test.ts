import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { testObject } from '../../test/kit/edge/media-object.ts'
import { costOf, createCache } from './cache.ts'
import { keepWithinBudget } from './memory-budget.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const mb = 2 ** 20
const fullBytes = 100 * mb

/** Returns a full cache, in a process that seems to use `state.besideBytes` more memory than the cache. */
function fullCache(connections = 0) {
  const cache = createCache(fullBytes)
  const state = { besideBytes: 0 }
  const fill = () => {
    for (let n = 0; n < 150; n += 1)
      cache.put(testObject({ key: `/${n}`, class: 'segment', body: Buffer.alloc(mb) }))
  }
  fill()
  const end = keepWithinBudget({
    cache,
    limitBytes: fullBytes,
    connections: () => connections,
    residentBytes: () => cache.bytes + state.besideBytes,
  })
  return { cache, state, fill, end }
}
const one = costOf(testObject({ class: 'segment', body: Buffer.alloc(mb) }))

test('the cache has its whole limit while the rest of the process uses little', () => {
  const { cache, state, end } = fullCache()
  state.besideBytes = 60 * mb
  vi.advanceTimersByTime(5000)
  expect(cache.limitBytes).toBe(fullBytes)
  expect(cache.bytes).toBeGreaterThan(fullBytes - one)
  end()
})

test('the cache shrinks so that it and the rest stay within the limit plus 80 MB, and grows again', () => {
  const { cache, state, fill, end } = fullCache()
  state.besideBytes = 120 * mb
  for (let n = 0; n < 20; n += 1) {
    vi.advanceTimersByTime(200)
    expect(cache.bytes + state.besideBytes).toBeLessThanOrEqual(fullBytes + 80 * mb)
    fill()
  }
  expect(cache.bytes, 'no more than necessary').toBeGreaterThan(30 * mb)
  state.besideBytes = 60 * mb
  vi.advanceTimersByTime(20_000)
  expect(cache.limitBytes).toBe(fullBytes)
  end()
}, 60_000)

test('the cache keeps an eighth, whatever the rest uses', () => {
  const { cache, state, end } = fullCache()
  state.besideBytes = 1000 * mb
  vi.advanceTimersByTime(5000)
  expect(cache.limitBytes).toBe(fullBytes / 8)
  expect(cache.bytes).toBeGreaterThan(fullBytes / 8 - one)
  end()
})

test('memory of connections does not shrink the cache', () => {
  const { cache, state, end } = fullCache(10_000)
  state.besideBytes = 400 * mb
  vi.advanceTimersByTime(5000)
  expect(cache.limitBytes).toBe(fullBytes)
  end()
})
