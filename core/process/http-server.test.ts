import { expect, test, vi } from 'vitest'
import { cacheMetrics, urlOf } from './http-server.ts'

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

test.each([
  ['0.0.0.0', 'http://127.0.0.1:80'],
  ['::', 'http://[::1]:80'],
  ['2001:db8::7', 'http://[2001:db8::7]:80'],
  ['live.example', 'http://live.example:80'],
])('other processes reach a listener at %s', (host, url) => {
  expect(urlOf(host, 80)).toBe(url)
})

test('a failure is not kept', async () => {
  const metrics = vi.fn(async () => 'text').mockRejectedValueOnce(new Error('away'))
  const cached = cacheMetrics({ contentType: 'text/plain', metrics }, () => 0)
  await expect(cached.metrics()).rejects.toThrow('away')
  expect(await cached.metrics()).toBe('text')
})
