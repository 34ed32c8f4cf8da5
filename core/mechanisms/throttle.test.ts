import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { throttle } from './throttle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first call is immediate, later ones are rare, the last is never lost', () => {
  const calls: number[] = []
  const throttled = throttle(500, (value: number) => void calls.push(value))
  throttled(1)
  expect(calls).toEqual([1])
  for (let value = 2; value <= 50; value++) throttled(value)
  expect(calls).toEqual([1])
  vi.advanceTimersByTime(500)
  expect(calls).toEqual([1, 50])
  vi.advanceTimersByTime(5000)
  throttled(51)
  expect(calls).toEqual([1, 50, 51])
})
