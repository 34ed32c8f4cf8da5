import { expect, test } from 'vitest'
import { createLateness } from './lateness.ts'

/**
 * Samples every 250 ms for a number of seconds. `behindAt` returns the lag in ms at a time in s. Returns the
 * times, in s, at which the transcode was too late.
 */
function timesTooLate(seconds: number, behindAt: (seconds: number) => number, gopMs = 2000): number[] {
  const lateness = createLateness(0)
  const times: number[] = []
  for (let now = 0; now <= seconds * 1000; now += 250)
    if (lateness.isTooLate({ now, behindMs: behindAt(now / 1000), gopMs })) times.push(now / 1000)
  return times
}

test('a growing lag is too late once the newest keyframe is much closer', () => {
  const [first] = timesTooLate(60, (s) => 300 * s)
  // The lag is 6 s after 20 s: one GOP and the minimum gain.
  expect(first).toBeGreaterThanOrEqual(20)
  expect(first).toBeLessThanOrEqual(22)
})

test('a constant lag is too late as well', () => {
  expect(timesTooLate(20, () => 10_000)[0]).toBeLessThanOrEqual(10)
})

test('a transcode that catches up is left alone', () => {
  expect(timesTooLate(20, (s) => 10_000 - 400 * s)).toEqual([])
})

test('a lag that the newest keyframe would not shorten is left alone', () => {
  expect(timesTooLate(60, () => 11_000, 8300)).toEqual([])
  expect(timesTooLate(60, () => 13_000, 8300).length).toBeGreaterThan(0)
})

test('a run that has just begun is not judged', () => {
  expect(timesTooLate(8, () => 20_000)).toEqual([])
})

test('a short peak is not too late', () => {
  expect(timesTooLate(60, (s) => (s % 10 < 0.8 ? 9000 : 300))).toEqual([])
})
