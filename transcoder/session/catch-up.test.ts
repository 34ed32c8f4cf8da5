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

test('a successor has caught up once it can be played, with little lag', async () => {
  const { presentation, play } = presentationOf()
  const catchUp = createCatchUp(presentation, true)
  expect([catchUp.endsWith(0), catchUp.isOver]).toEqual([false, false])
  await play()
  expect([catchUp.endsWith(1001), catchUp.isOver]).toEqual([false, false])
  expect([catchUp.endsWith(1000), catchUp.isOver]).toEqual([true, true])
  expect(catchUp.endsWith(0), 'it ends once').toBe(false)
})

test('one that stays behind takes the session 3 s after it can be played', async () => {
  const { presentation, play } = presentationOf()
  const catchUp = createCatchUp(presentation, true)
  await play()
  await vi.advanceTimersByTimeAsync(2999)
  expect(catchUp.endsWith(5000)).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(catchUp.endsWith(5000)).toBe(true)
})

test('without a transcoder before, there is nothing to catch up with', () => {
  const catchUp = createCatchUp(presentationOf().presentation, false)
  expect([catchUp.isOver, catchUp.endsWith(0)]).toEqual([true, false])
})
