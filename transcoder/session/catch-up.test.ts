import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createCatchUp } from './catch-up.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Creates a presentation that the test makes playable. */
function presentationOf() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const presentation = { playable: promise, isPlayable: false }
  return {
    presentation,
    async play() {
      presentation.isPlayable = true
      resolve()
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}

test.each([
  ['that of a predecessor and 100 ms', 600, 700],
  ['400 ms at least', 0, 400],
  ['1 s at most', 2500, 1000],
])('a successor has caught up once it can be played with a lag of %s', async (_what, formerMs, limitMs) => {
  const { presentation, play } = presentationOf()
  const catchUp = createCatchUp(presentation, formerMs)
  expect([catchUp.endsWith(0), catchUp.isOver]).toEqual([false, false])
  await play()
  expect([catchUp.endsWith(limitMs + 1), catchUp.isOver]).toEqual([false, false])
  expect([catchUp.endsWith(limitMs), catchUp.isOver]).toEqual([true, true])
  expect(catchUp.endsWith(0), 'it ends once').toBe(false)
})

test('one that stays behind takes the session 5 s after it can be played', async () => {
  const { presentation, play } = presentationOf()
  const catchUp = createCatchUp(presentation, 300)
  await play()
  await vi.advanceTimersByTimeAsync(4999)
  expect(catchUp.endsWith(5000)).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(catchUp.endsWith(5000)).toBe(true)
})

test('without a transcoder before, there is nothing to catch up with', () => {
  const catchUp = createCatchUp(presentationOf().presentation, undefined)
  expect([catchUp.isOver, catchUp.endsWith(0)]).toEqual([true, false])
})
