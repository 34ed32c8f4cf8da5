import { expect, test } from 'vitest'
import { type KneeOptions, kneeOf, nextSize, type Trial } from './knee.ts'

const usual: KneeOptions = { first: 500, min: 20, max: 4000, ratio: 1.1, maxTrials: 20 }

/** Searches the knee of a server that serves up to `capacity` viewers. */
function search(capacity: number, options: Partial<KneeOptions> = {}) {
  const trials: Trial[] = []
  for (;;) {
    const viewers = nextSize(trials, { ...usual, ...options })
    if (viewers === undefined) return { trials, knee: kneeOf(trials) }
    trials.push({ viewers, isServed: viewers <= capacity })
  }
}

test.each([37, 120, 500, 777, 1999, 3500])('a knee of %i is found within 10 %%', (capacity) => {
  const { viewers, upTo } = search(capacity).knee
  expect(viewers).toBeLessThanOrEqual(capacity)
  expect(upTo).toBeGreaterThan(capacity)
  expect(upTo / viewers).toBeLessThanOrEqual(capacity < 100 ? 1.4 : 1.15)
})

test('a server that serves the largest crowd has no known limit', () => {
  expect(search(10_000)).toMatchObject({ knee: { viewers: 4000, upTo: Number.POSITIVE_INFINITY } })
})

test('a server that serves no crowd has the knee 0', () => {
  expect(search(0).knee).toEqual({ viewers: 0, upTo: 20 })
})

test('the number of trials is limited', () => {
  expect(search(777, { maxTrials: 3 }).trials).toHaveLength(3)
})

test('a larger crowd that was served by chance does not move the knee', () => {
  const trials = [
    { viewers: 500, isServed: false },
    { viewers: 1000, isServed: true },
    { viewers: 250, isServed: true },
  ]
  expect(kneeOf(trials)).toEqual({ viewers: 250, upTo: 500 })
})
