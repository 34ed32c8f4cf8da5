import { AsyncLocalStorage } from 'node:async_hooks'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPoll } from './poll.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('runs now and repeatedly, never twice at the same time', async () => {
  let running = 0
  let runs = 0
  const task = async () => {
    running += 1
    runs += 1
    expect(running).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    running -= 1
  }
  const { close, soon } = createPoll(task, { everyMs: 1000 })
  soon()
  await vi.advanceTimersByTimeAsync(60)
  expect(runs).toBe(2)
  await vi.advanceTimersByTimeAsync(1100)
  expect(runs).toBe(3)
  await vi.advanceTimersByTimeAsync(50)
  await close()
  soon()
  await vi.advanceTimersByTimeAsync(5000)
  expect(runs).toBe(3)
})

test('keeps the gap however often it is called', async () => {
  let runs = 0
  const { close, soon } = createPoll(
    async () => {
      runs += 1
    },
    { everyMs: 10_000, gapMs: 250 },
  )
  for (let ms = 0; ms < 1000; ms += 10) {
    soon()
    await vi.advanceTimersByTimeAsync(10)
  }
  expect(runs).toBeGreaterThanOrEqual(4)
  expect(runs).toBeLessThanOrEqual(5)
  await close()
})

/** A task whose runs end only when the test calls `end`. */
function manualTask() {
  const ends: (() => void)[] = []
  return {
    task: () => new Promise<void>((resolve) => void ends.push(resolve)),
    get runs() {
      return ends.length
    },
    async end() {
      ends.at(-1)?.()
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}

test('join shares the run in progress, run asks for one more after it', async () => {
  const manual = manualTask()
  const poll = createPoll(manual.task, { everyMs: 1000 })
  expect(poll.isRunning).toBe(true)
  const joined = poll.join()
  const [one, other] = [poll.run(), poll.run()]
  expect(manual.runs).toBe(1)
  await manual.end()
  await joined
  expect(manual.runs).toBe(2)
  await manual.end()
  await Promise.all([one, other])
  expect(poll.isRunning).toBe(false)
  void poll.join()
  expect(manual.runs).toBe(3)
  await manual.end()
  await poll.close()
  await poll.run()
  expect(manual.runs).toBe(3)
})

test('a failure only changes when the next run comes', async () => {
  let runs = 0
  const poll = createPoll(
    async () => {
      runs += 1
      throw new Error('away')
    },
    { everyMs: 1000, afterFailureMs: 3000 },
  )
  await vi.advanceTimersByTimeAsync(2900)
  expect(runs).toBe(1)
  await vi.advanceTimersByTimeAsync(200)
  expect(runs).toBe(2)
  await poll.join()
  await poll.close()
})

test('runs that a request asks for do not have its context', async () => {
  const context = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const poll = context.run('start', () =>
    createPoll(async () => seen.push(context.getStore()), { everyMs: 1000 }),
  )
  await poll.join()
  await context.run('request', () => poll.run())
  context.run('request', () => poll.soon())
  await vi.advanceTimersByTimeAsync(5000)
  expect(new Set(seen)).toEqual(new Set(['start']))
  expect(seen.length).toBeGreaterThan(5)
  await poll.close()
})
