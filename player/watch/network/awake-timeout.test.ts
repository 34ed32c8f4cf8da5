import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setAwakeTimeout } from './awake-timeout.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('it calls back once, after its time', () => {
  const callback = vi.fn()
  setAwakeTimeout(callback, 1000)
  vi.advanceTimersByTime(999)
  expect(callback).not.toHaveBeenCalled()
  vi.advanceTimersByTime(5000)
  expect(callback).toHaveBeenCalledTimes(1)
})

test('it does not call back once cancelled', () => {
  const callback = vi.fn()
  const cancel = setAwakeTimeout(callback, 1000)
  vi.advanceTimersByTime(950)
  cancel()
  vi.advanceTimersByTime(5000)
  expect(callback).not.toHaveBeenCalled()
})

test('time in which the page is busy counts as one tick', async () => {
  vi.useRealTimers()
  let hasCalledBack = false
  const timeout = new Promise<void>((resolve) => {
    setAwakeTimeout(() => {
      hasCalledBack = true
      resolve()
    }, 200)
  })
  const until = performance.now() + 300
  while (performance.now() < until);
  // A response that came meanwhile is handled before the timeout.
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(hasCalledBack).toBe(false)
  await timeout
})
