import { expect, test } from 'vitest'
import { badRequest, type Failure, notFound } from './failure.ts'
import { createRefusals } from './negative-cache.ts'

const kept: Failure = { ...notFound, keepMs: 500 }

test('a refusal lapses', () => {
  const refusals = createRefusals()
  refusals.put('k', kept, 1000, 1010)
  expect(refusals.get('k', 1509, -Infinity)).toBe(kept)
  expect(refusals.get('k', 1510, -Infinity)).toBeUndefined()
  expect(refusals.size).toBe(0)
})

test('a refusal is void once a playlist came that is newer than the question', () => {
  const refusals = createRefusals()
  refusals.put('k', kept, 1000, 1010)
  expect(refusals.get('k', 1020, 999)).toBe(kept)
  expect(refusals.get('k', 1020, 1005)).toBeUndefined()
})

test('what must not be kept is not, and takes an older refusal along', () => {
  const refusals = createRefusals()
  refusals.put('k', kept, 1000, 1000)
  refusals.put('k', { ...badRequest, keepMs: 0 }, 1001, 1001)
  expect(refusals.get('k', 1002, -Infinity)).toBeUndefined()
})

test('the oldest go beyond the limit', () => {
  const refusals = createRefusals(2)
  for (const key of ['a', 'b', 'c']) refusals.put(key, kept, 0, 0)
  expect(['a', 'b', 'c'].map((key) => refusals.get(key, 1, -Infinity) !== undefined)).toEqual([
    false,
    true,
    true,
  ])
})
