import { expect, test } from 'vitest'
import { createRestartDelay } from './kept-child.ts'

test('the delay doubles from 0.2 s to 10 s, and starts again after a run of 30 s', () => {
  const delayAfter = createRestartDelay()
  const delays = Array.from({ length: 8 }, () => delayAfter(100))
  expect(delays).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
  expect(delayAfter(29_999)).toBe(10_000)
  expect(delayAfter(30_000)).toBe(200)
  expect(delayAfter(100)).toBe(400)
})
