import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createHangWatch } from './hang-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const skew = { monotonic: 0, wall: 0 }
  const begin = Date.now()
  const asked = vi.fn()
  const hung = vi.fn()
  const watch = createHangWatch({
    ask: asked,
    kill: hung,
    limitMs: 5000,
    now: () => Date.now() - begin + skew.monotonic,
    wallNow: () => Date.now() + skew.wall,
  })
  watch.begin()
  return { watch, asked, hung, skew }
}

test('a process that does not answer for 5 s hangs, and is asked once', () => {
  const { watch, asked, hung } = setUp()
  for (let n = 0; n < 20; n++) {
    vi.advanceTimersByTime(500)
    watch.answered()
  }
  expect(asked).toHaveBeenCalledTimes(20)
  vi.advanceTimersByTime(5000)
  expect(hung).not.toHaveBeenCalled()
  vi.advanceTimersByTime(500)
  expect(hung).toHaveBeenCalledOnce()
  expect(asked).toHaveBeenCalledTimes(21)
  expect(watch.hasHung).toBe(true)
  vi.advanceTimersByTime(60_000)
  expect(hung).toHaveBeenCalledOnce()
})

test('a late answer counts', () => {
  const { watch, hung } = setUp()
  for (let n = 0; n < 10; n++) {
    vi.advanceTimersByTime(4900)
    watch.answered()
  }
  expect(hung).not.toHaveBeenCalled()
  watch.end()
})

test.each([
  ['the machine was suspended', { wall: 3_600_000 }],
  ['the wall clock was set back', { wall: -3_600_000 }],
  ['this process stood still', { monotonic: 60_000, wall: 60_000 }],
])('time does not count when %s', (_what, jump) => {
  const { watch, hung, skew } = setUp()
  vi.advanceTimersByTime(4000)
  Object.assign(skew, jump)
  vi.advanceTimersByTime(1500)
  expect(hung).not.toHaveBeenCalled()
  watch.answered()
  vi.advanceTimersByTime(4000)
  expect(hung).not.toHaveBeenCalled()
  vi.advanceTimersByTime(2000)
  expect(hung).toHaveBeenCalledOnce()
})
