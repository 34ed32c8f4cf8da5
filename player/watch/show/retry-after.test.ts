import { expect, test } from 'vitest'
import { parseRetryAfter, spread } from './retry-after.ts'

test('parses Retry-After in seconds and as a date, within bounds', () => {
  const now = Date.parse('2030-01-01T00:00:00Z')
  expect(parseRetryAfter('5', now)).toBe(5000)
  expect(parseRetryAfter('Tue, 01 Jan 2030 00:00:10 GMT', now)).toBe(10_000)
  expect(parseRetryAfter('0', now)).toBe(1000)
  expect(parseRetryAfter('86400', now)).toBe(60_000)
  expect(parseRetryAfter('Mon, 31 Dec 2029 00:00:00 GMT', now)).toBe(1000)
})

test('a missing or malformed Retry-After is ignored', () => {
  for (const header of [null, '', ' ', 'soon']) expect(parseRetryAfter(header, 0)).toBeUndefined()
})

test('a delay that a server asked for is never shortened', () => {
  expect(spread(1000, () => 0)).toBe(1000)
  expect(spread(1000, () => 1)).toBe(1500)
})
