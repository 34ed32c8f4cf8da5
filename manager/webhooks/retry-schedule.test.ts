import { expect, test } from 'vitest'
import { retryAfterMs, retryDelay } from './retry-schedule.ts'

test('ten attempts take about 75 hours, and then a delivery is given up', () => {
  const middle = Array.from({ length: 10 }, (_, index) => retryDelay(index + 1, () => 0.5))
  const minute = 60_000
  expect(middle).toEqual([
    5000,
    ...[5, 30, 120, 300, 600, 840, 1200, 1440].map((minutes) => minutes * minute),
    undefined,
  ])
  const total = middle.reduce<number>((sum, delay) => sum + (delay ?? 0), 0)
  expect(total / 3_600_000).toBeCloseTo(75.6, 1)
})

test('a delay is at most a tenth longer or shorter', () => {
  expect([retryDelay(1, () => 0), retryDelay(1, () => 1)]).toEqual([4500, 5500])
})

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
  ['999999999', 86_400_000],
  ['-5', undefined],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s is a pause of %s ms', (header, ms) => {
  expect(retryAfterMs(header, 10_000)).toBe(ms)
})
