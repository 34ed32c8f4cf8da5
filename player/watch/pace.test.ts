import { expect, test } from 'vitest'
import { createPace } from './pace.ts'
import type { WatchState } from './watch-state.ts'

const state = (name: 'waiting' | 'ended' | 'refused') => ({ name })
const lost: WatchState = { name: 'recovering', trouble: 'lost', session: 's1' }
const pace = () => createPace(() => 0)

test('before the show it asks as the server says, else every 2 s', () => {
  expect(pace().next(state('waiting'), { kind: 'not_live', retryAfterMs: 4000 })).toBe(4000)
  expect(pace().next(state('waiting'), { kind: 'not_live', retryAfterMs: undefined })).toBe(2000)
})

test('a full house is asked again no sooner than it says', () => {
  expect(pace().next(state('refused'), { kind: 'full', retryAfterMs: 9000 })).toBe(9000)
})

test('after the end it asks soon for a minute, then seldom', () => {
  const ended = pace()
  const waits = Array.from({ length: 30 }, () => ended.next(state('ended'), undefined))
  expect(waits[0]).toBe(3000)
  expect(waits.slice(0, 20).reduce((sum, wait) => sum + wait)).toBe(60_000)
  expect(waits.at(-1)).toBe(15_000)
})

test('trouble backs off and starts over after a calm time', () => {
  const troubled = pace()
  const waits = [1, 2, 3].map(() => troubled.next(lost, undefined))
  expect(waits).toEqual([250, 500, 1000])
  troubled.calm()
  expect(troubled.next(lost, undefined)).toBe(250)
})
