import { expect, test, vi } from 'vitest'
import { cacheMetrics } from './http-server.ts'

test('the text of metrics is made once a second, for any number of clients, and when it must be fresh', async () => {
  let time = 0
  const metrics = vi.fn(async () => `text ${metrics.mock.calls.length}`)
  const cached = cacheMetrics({ contentType: 'text/plain', metrics }, () => time)
  expect(await Promise.all(Array.from({ length: 100 }, () => cached.metrics()))).toEqual(
    Array(100).fill('text 1'),
  )
  time = 999
  expect(await cached.metrics()).toBe('text 1')
  expect(await cached.metrics(true)).toBe('text 2')
  expect(await cached.metrics()).toBe('text 2')
  time = 2000
  expect(await cached.metrics()).toBe('text 3')
})

test('a failure is not kept', async () => {
  const metrics = vi.fn(async () => 'text').mockRejectedValueOnce(new Error('away'))
  const cached = cacheMetrics({ contentType: 'text/plain', metrics }, () => 0)
  await expect(cached.metrics()).rejects.toThrow('away')
  expect(await cached.metrics()).toBe('text')
})
