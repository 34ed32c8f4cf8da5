import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { inTime } from './in-time.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a promise that settles in time decides, and leaves no timer', async () => {
  expect(await inTime(Promise.resolve('value'), 1000, 'too late')).toBe('value')
  await expect(inTime(Promise.reject(new Error('broken')), 1000, 'too late')).rejects.toThrow('broken')
  expect(vi.getTimerCount()).toBe(0)
})

test('one that does not is late', async () => {
  const outcome = expect(inTime(new Promise(() => {}), 1000, 'too late')).rejects.toThrow('too late')
  await vi.advanceTimersByTimeAsync(1000)
  await outcome
})
