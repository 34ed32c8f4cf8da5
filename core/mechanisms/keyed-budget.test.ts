import { expect, test } from 'vitest'
import { createKeyedBudget } from './keyed-budget.ts'

test('each key has a burst, and then as much as its rate allows', () => {
  const budget = createKeyedBudget({ perSecond: 10, burst: 3 })
  const taken = (key: string, now: number) => Array.from({ length: 5 }, () => budget.take(key, now))
  expect(taken('a', 1000)).toEqual([true, true, true, false, false])
  expect(taken('b', 1000)).toEqual([true, true, true, false, false])
  expect(taken('a', 1150)).toEqual([true, false, false, false, false])
  expect(taken('a', 1250), 'halves add up').toEqual([true, false, false, false, false])
  expect(taken('a', 60_000)).toEqual([true, true, true, false, false])
})

test('a rate of 0 is no limit, and the number of keys is bounded', () => {
  const free = createKeyedBudget({ perSecond: 0, burst: 0 })
  expect([free.take('a', 0), free.take('a', 0)]).toEqual([true, true])
  const few = createKeyedBudget({ perSecond: 1, burst: 1, maxKeys: 2 })
  for (const key of ['a', 'b', 'c']) few.take(key, 0)
  expect([few.size, few.take('c', 0), few.take('a', 0)]).toEqual([2, false, true])
})
