import { expect, test } from 'vitest'
import { badRequest, type Failure, notFound } from './failure.ts'
import { createNegativeCache } from './negative-cache.ts'

const kept: Failure = { ...notFound, keepMs: 500 }

test('a failure expires', () => {
  const negativeCache = createNegativeCache()
  negativeCache.put('k', kept, 1000, 1010)
  expect(negativeCache.get('k', 1509, -Infinity)).toBe(kept)
  expect(negativeCache.get('k', 1510, -Infinity)).toBeUndefined()
  expect(negativeCache.size).toBe(0)
})

test('a failure is void once a newer playlist has arrived', () => {
  const negativeCache = createNegativeCache()
  negativeCache.put('k', kept, 1000, 1010)
  expect(negativeCache.get('k', 1020, 999)).toBe(kept)
  expect(negativeCache.get('k', 1020, 1005)).toBeUndefined()
})

test('a failure that must not be kept removes an older one', () => {
  const negativeCache = createNegativeCache()
  negativeCache.put('k', kept, 1000, 1000)
  negativeCache.put('k', { ...badRequest, keepMs: 0 }, 1001, 1001)
  expect(negativeCache.get('k', 1002, -Infinity)).toBeUndefined()
})

test('beyond the limit the oldest is dropped', () => {
  const negativeCache = createNegativeCache(2)
  for (const key of ['a', 'b', 'c']) negativeCache.put(key, kept, 0, 0)
  expect(['a', 'b', 'c'].map((key) => negativeCache.get(key, 1, -Infinity) !== undefined)).toEqual([
    false,
    true,
    true,
  ])
})
