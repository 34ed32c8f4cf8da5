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

/** Creates a child whose readiness and end the test decides. */
function childOf() {
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  const child = {
    ...{ pid: 1, ready: ready.promise, ended: ended.promise },
    stop: vi.fn(() => ended.resolve('exit code 0')),
    retire: vi.fn(),
    kill: vi.fn(() => ended.resolve('SIGKILL')),
  }
  return { child, ready: ready.resolve, fail: ready.reject, end: ended.resolve }
}

/** Keeps children alive of which each start takes the next of a list. */
function keepAll(count: number) {
  const runs = Array.from({ length: count }, childOf)
  const next = runs.values()
  const log = createLog('test', 'silent')
  const kept = keepAlive('edge', () => (next.next().value as ReturnType<typeof childOf>).child, log)
  runs[0]?.ready()
  return { kept, runs }
}

test('a child that is replaced retires when the other one is ready, and stops with it', async () => {
  const { kept, runs } = keepAll(2)
  const [first, second] = runs
  await kept.ready
  const replaced = kept.replace()
  expect(first?.child.retire).not.toHaveBeenCalled()
  second?.ready()
  expect(await replaced).toBe(first?.child)
  expect(first?.child.retire).toHaveBeenCalledOnce()
  expect(first?.child.stop).not.toHaveBeenCalled()
  await kept.stop(1000)
  expect(first?.child.stop).toHaveBeenCalledOnce()
  expect(second?.child.stop).toHaveBeenCalledOnce()
})

test('a child whose replacement does not start stays, and is still kept alive', async () => {
  vi.useFakeTimers()
  const { kept, runs } = keepAll(3)
  const [first, second, third] = runs
  await kept.ready
  second?.fail(new Error('ended before it was ready'))
  await expect(kept.replace()).rejects.toThrow('ended before it was ready')
  expect(second?.child.kill).toHaveBeenCalledOnce()
  expect(first?.child.retire).not.toHaveBeenCalled()
  first?.end('SIGSEGV')
  await vi.advanceTimersByTimeAsync(1000)
  await kept.stop(1000)
  expect(third?.child.stop).toHaveBeenCalledOnce()
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
      return { pid: 1, ready: Promise.resolve(), ended: run.promise, stop() {}, retire() {}, kill() {} }
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
