import { expect, test } from 'vitest'
import { KeyedCount } from './keyed-count.ts'

test('counts by key up to the limit and forgets keys that have none', () => {
  const count = new KeyedCount(2)
  expect([count.enter('a'), count.enter('a'), count.enter('a'), count.enter('b')]).toEqual([
    true,
    true,
    false,
    true,
  ])
  expect([count.of('a'), count.of('c'), count.size]).toEqual([2, 0, 2])
  count.leave('a')
  expect(count.enter('a')).toBe(true)
  count.leave('b')
  count.leave('b')
  expect([count.of('b'), count.size]).toEqual([0, 1])
})

test('a limit of 0 means no limit', () => {
  const count = new KeyedCount()
  expect(Array.from({ length: 100 }, () => count.enter('a'))).not.toContain(false)
})
