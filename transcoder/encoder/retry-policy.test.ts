import { expect, test } from 'vitest'
import { createFailureBudget } from './retry-policy.ts'

test('failures count for a minute', () => {
  const budget = createFailureBudget(2, 60_000)
  expect(budget.spend(0)).toBe(true)
  expect(budget.spend(1000)).toBe(true)
  expect(budget.spend(61_500)).toBe(true)
  expect(budget.spend(61_600)).toBe(true)
  expect(budget.spend(61_700)).toBe(false)
  expect(budget.count).toBe(3)
})
