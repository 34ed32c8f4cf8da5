import type { FastifyReply, FastifyRequest } from 'fastify'
import { afterEach, expect, test, vi } from 'vitest'
import { createAdminAuth, createFailedAttempts } from './admin-auth.ts'

afterEach(() => void vi.restoreAllMocks())

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

test('after too many failures an address has one turn at a time, and others have theirs at once', async () => {
  const failures = createFailedAttempts({ limit: 1, turnMs: 20, maxWaitMs: 60, now: () => 0 })
  failures.note('a')
  const order: string[] = []
  const turns = Array.from({ length: 50 }, async (_, guess) => {
    const refused = await failures.turn('a')
    if (refused === undefined) order.push(`guess ${guess}`)
    return refused
  })
  expect(await failures.turn('b')).toBeUndefined()
  order.push('other')
  expect((await Promise.all(turns)).filter((refused) => refused === undefined)).toHaveLength(3)
  expect(order).toEqual(['other', 'guess 0', 'guess 1', 'guess 2'])
  failures.forget('a')
  expect(await failures.turn('a')).toBeUndefined()
})

test('a wall clock that is set back makes no client wait longer', async () => {
  const wall = vi.spyOn(Date, 'now').mockReturnValue(10_800_000)
  const failures = createFailedAttempts({ limit: 1, turnMs: 1, maxWaitMs: 1000 })
  failures.note('a')
  expect(await failures.turn('a')).toBeUndefined()
  wall.mockReturnValue(0)
  expect(await failures.turn('a')).toBeUndefined()
})

/** Sends the right token from an address that has had too many failures and whose turns are all taken. */
function signIn(token: string) {
  const failures = createFailedAttempts({ limit: 1, turnMs: 20, maxWaitMs: 10 })
  failures.note('192.0.2.1')
  const request = { ip: '192.0.2.1', headers: { authorization: `Bearer ${token}` } }
  const reply = { header: () => reply }
  const authorise = createAdminAuth(token, failures, undefined)
  return authorise(request as FastifyRequest, reply as unknown as FastifyReply)
}

test('the right token waits for its turn only if it is short enough to be guessed', async () => {
  await expect(signIn('x'.repeat(32))).resolves.toBeUndefined()
  await expect(signIn('x'.repeat(31))).rejects.toMatchObject({ code: 'too_many_attempts' })
})
