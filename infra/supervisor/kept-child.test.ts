import { afterEach, expect, test, vi } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import type { Child } from './child.ts'
import { createRestartDelay, keepAlive } from './kept-child.ts'

afterEach(() => void vi.useRealTimers())

test('the delay doubles from 0.2 s to 10 s, and starts again after a run of 30 s', () => {
  const delayAfter = createRestartDelay()
  const delays = Array.from({ length: 8 }, () => delayAfter(100))
  expect(delays).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
  expect(delayAfter(29_999)).toBe(10_000)
  expect(delayAfter(30_000)).toBe(200)
  expect(delayAfter(100)).toBe(400)
})

test('a child that cannot be started again is tried again', async () => {
  vi.useFakeTimers()
  const lines: string[] = []
  const log = createLog('test', 'info', { write: (line) => void lines.push(line) })
  const runs: PromiseWithResolvers<string>[] = []
  let attempts = 0
  const kept = keepAlive(
    'edge',
    (): Child => {
      attempts++
      if (attempts === 2 || attempts === 3) throw new Error('spawn ENOMEM')
      const run = Promise.withResolvers<string>()
      runs.push(run)
      return { pid: 1, ready: Promise.resolve(), ended: run.promise, stop: () => {}, kill: () => {} }
    },
    log,
  )
  await kept.ready
  runs[0]?.resolve('SIGKILL')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(runs).toHaveLength(2)
  expect(lines.filter((line) => line.includes('spawn ENOMEM'))).toHaveLength(2)
  expect(lines.at(-1)).toContain('is back')
})
