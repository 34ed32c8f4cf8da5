import { expect, test } from 'vitest'
import { createFailedAttempts } from './admin-auth.ts'

test('allows some failures, then returns how long to wait', () => {
  let at = 0
  const failures = createFailedAttempts({ limit: 2, windowMs: 10_000, now: () => at })
  expect([failures.note('a'), failures.note('a')]).toEqual([undefined, undefined])
  at = 4000
  expect(failures.note('a')).toBe(6)
  expect(failures.note('b')).toBeUndefined()
  at = 9999
  expect(failures.note('a')).toBe(1)
  at = 10_000
  expect(failures.note('a')).toBeUndefined()
})

test('remembers a limited number of networks', () => {
  const failures = createFailedAttempts({ limit: 1, maxNetworks: 2, now: () => 0 })
  for (const address of ['a', 'b', 'a', 'c']) failures.note(address)
  // The last failure of `b` is the oldest, so `b` is forgotten.
  expect(failures.note('b')).toBeUndefined()
  expect(failures.note('c')).toBe(60)
})

test('counts all addresses of a /64 together', () => {
  const failures = createFailedAttempts({ limit: 2, now: () => 0 })
  const waits = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:2:3::3'].map(failures.note)
  expect(waits).toEqual([undefined, undefined, 60])
  expect(failures.note('2001:db8:1:3::1')).toBeUndefined()
})
