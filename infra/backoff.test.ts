import { expect, it } from 'vitest'
import { createBackoff } from './backoff.ts'

it('doubles the wait from 0.2 s to 10 s, and begins anew after 30 s of health', () => {
  const backoff = createBackoff()
  const waits = Array.from({ length: 8 }, () => backoff(100))
  expect(waits).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
  expect(backoff(29_999)).toBe(10_000)
  expect(backoff(30_000)).toBe(200)
  expect(backoff(100)).toBe(400)
})
