import { expect, test } from 'vitest'
import { createProbePace } from './probe-pace.ts'
import type { WatchState } from './watch-state.ts'

const state = (name: 'waiting' | 'ended' | 'refused') => ({ name })
const lost: WatchState = { name: 'recovering', trouble: 'lost', session: 's1' }
const pace = () => createProbePace(() => 0)

test('before the show the server sets the pace, otherwise it is 2 s', () => {
  expect(pace().next(state('waiting'), { kind: 'not_live', retryAfterMs: 4000 })).toBe(4000)
  expect(pace().next(state('waiting'), { kind: 'not_live', retryAfterMs: undefined })).toBe(2000)
})

test('a full server is not asked again before the time that it names', () => {
  expect(pace().next(state('refused'), { kind: 'full', retryAfterMs: 9000 })).toBe(9000)
})

test('after the show the pace is fast for a minute, then slow', () => {
  const ended = pace()
  const waits = Array.from({ length: 30 }, () => ended.next(state('ended'), undefined))
  expect(waits[0]).toBe(3000)
  expect(waits.slice(0, 20).reduce((sum, wait) => sum + wait)).toBe(60_000)
  expect(waits.at(-1)).toBe(15_000)
})

test('trouble backs off and starts again after a calm time', () => {
  const troubled = pace()
  const waits = [1, 2, 3].map(() => troubled.next(lost, undefined))
  expect(waits).toEqual([250, 500, 1000])
  troubled.calm()
  expect(troubled.next(lost, undefined)).toBe(250)
})
