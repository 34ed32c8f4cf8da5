import { expect, test } from 'vitest'
import { highest, median, quantile, slope } from './statistics.ts'

test('the median of an odd number of samples is the middle one', () => {
  expect(median([5, 1, 9])).toBe(5)
})

test('the 95th percentile is near the top', () => {
  const samples = Array.from({ length: 100 }, (_, i) => i)
  expect(quantile(samples, 0.95)).toBe(95)
})

test('no samples have no median', () => {
  expect(median([])).toBeNaN()
})

test('the slope of a line is found, and a flat one is flat', () => {
  expect(
    slope([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
  ).toBe(2)
  expect(
    slope([
      [0, 4],
      [9, 4],
    ]),
  ).toBe(0)
})

test('the highest sample is found among those that are known', () => {
  expect(highest([3, Number.NaN, 7])).toBe(7)
  expect(highest([Number.NaN])).toBeNaN()
})
