import { expect, test } from 'vitest'
import { createBackoff, parseRetryAfter, spread } from './backoff.ts'

test('waits double up to the longest, spread around their middle', () => {
  const middle = createBackoff({ firstMs: 500, maxMs: 3000, random: () => 0.5 })
  expect([1, 2, 3, 4, 5].map(() => middle.next())).toEqual([500, 1000, 2000, 3000, 3000])
  middle.reset()
  expect(middle.next()).toBe(500)
  expect(createBackoff({ firstMs: 500, maxMs: 3000, random: () => 0 }).next()).toBe(250)
  expect(createBackoff({ firstMs: 500, maxMs: 3000, random: () => 1 }).next()).toBe(750)
})

test('reads Retry-After in seconds and as a date, within bounds', () => {
  const now = Date.parse('2030-01-01T00:00:00Z')
  expect(parseRetryAfter('5', now)).toBe(5000)
  expect(parseRetryAfter('Tue, 01 Jan 2030 00:00:10 GMT', now)).toBe(10_000)
  expect(parseRetryAfter('0', now)).toBe(1000)
  expect(parseRetryAfter('86400', now)).toBe(60_000)
  expect(parseRetryAfter('Mon, 31 Dec 2029 00:00:00 GMT', now)).toBe(1000)
})

test('a Retry-After that says nothing is none', () => {
  for (const header of [null, '', ' ', 'soon']) expect(parseRetryAfter(header, 0)).toBeUndefined()
})

test('a wait that a server asked for is never shortened', () => {
  expect(spread(1000, () => 0)).toBe(1000)
  expect(spread(1000, () => 1)).toBe(1500)
})
