import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { repeat } from './repeat.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('runs now and then, never twice at a time', async () => {
  let running = 0
  let runs = 0
  const task = async () => {
    running += 1
    runs += 1
    expect(running).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    running -= 1
  }
  const { close, soon } = repeat(task, 1000)
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

it('keeps the gap however often it is called', async () => {
  let runs = 0
  const { close, soon } = repeat(
    async () => {
      runs += 1
    },
    10_000,
    250,
  )
  for (let ms = 0; ms < 1000; ms += 10) {
    soon()
    await vi.advanceTimersByTimeAsync(10)
  }
  expect(runs).toBeGreaterThanOrEqual(4)
  expect(runs).toBeLessThanOrEqual(5)
  await close()
})
