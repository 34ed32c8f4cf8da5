import { expect, test } from 'vitest'
import { createBackoff } from './backoff.ts'

test('delays double up to the maximum and start again after a reset', () => {
  const backoff = createBackoff({ firstMs: 100, maxMs: 500 })
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([100, 200, 400, 500, 500])
  backoff.reset()
  expect(backoff.next()).toBe(100)
})

test('jitter spreads a delay evenly around its middle, within the maximum', () => {
  const next = (random: number) =>
    createBackoff({ firstMs: 1000, maxMs: 1200, jitter: 0.5, random: () => random }).next()
  expect([next(0), next(0.5), next(1)]).toEqual([500, 1000, 1200])
})

test('with jitter too, delays double up to the maximum around their middle', () => {
  const options = { firstMs: 500, maxMs: 3000, jitter: 0.5 }
  const middle = createBackoff({ ...options, random: () => 0.5 })
  expect([1, 2, 3, 4, 5].map(() => middle.next())).toEqual([500, 1000, 2000, 3000, 3000])
  middle.reset()
  expect(middle.next()).toBe(500)
  expect(createBackoff({ ...options, random: () => 0 }).next()).toBe(250)
  expect(createBackoff({ ...options, random: () => 1 }).next()).toBe(750)
})
