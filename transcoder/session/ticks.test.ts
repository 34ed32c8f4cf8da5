import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { startTicks } from './ticks.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(failsAt: readonly number[]) {
  let count = 0
  const failures: string[] = []
  const end = startTicks({
    everyMs: 1000,
    work() {
      count += 1
      if (failsAt.includes(count)) throw new Error('no such part')
    },
    onFailed: (detail) => failures.push(detail),
    log: createLog('test', 'silent'),
  })
  return { end, failures, count: () => count }
}

test('work that fails now and then continues', () => {
  const { failures, count } = setUp([1, 2, 70, 71, 140])
  vi.advanceTimersByTime(200_000)
  expect(count()).toBe(200)
  expect(failures).toEqual([])
})

test('after three failures in a minute the session is given up, once', () => {
  const { failures, count } = setUp([1, 20, 40, 41])
  vi.advanceTimersByTime(200_000)
  expect(count()).toBe(40)
  expect(failures).toEqual(['its media makes the transcoder fail: no such part'])
})

test('no work is done after the end', () => {
  const { end, count } = setUp([])
  vi.advanceTimersByTime(3000)
  end()
  vi.advanceTimersByTime(3000)
  expect(count()).toBe(3)
})
