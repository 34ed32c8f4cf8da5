import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type AttemptKey, createSignInAttempts } from './sign-in-attempts.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Attempts that are counted in memory, because Redis is away. */
const attempts = () => createSignInAttempts({ status: 'end' } as never)
const account: AttemptKey[] = [{ kind: 'account', id: 'ada' }]

const outcome = (turn: Promise<void>) =>
  turn.then(
    () => 'admitted',
    (error) => `wait ${error.retryAfterSeconds} s`,
  )

test('a few failures cost nothing', async () => {
  const { turn, noteFailure } = attempts()
  for (let failure = 0; failure < 4; failure += 1) await noteFailure(account)
  for (let count = 0; count < 50; count += 1) expect(await outcome(turn(account))).toBe('admitted')
})

test('turns get longer with each failure, for this account only, and the right password ends that', async () => {
  const { turn, noteFailure, forget } = attempts()
  for (let failure = 0; failure < 9; failure += 1) await noteFailure(account)
  expect(await outcome(turn(account))).toBe('admitted')
  expect(await outcome(turn(account))).toBe('wait 8 s')
  expect(await outcome(turn([{ kind: 'account', id: 'bob' }]))).toBe('admitted')
  vi.advanceTimersByTime(7980)
  const waiting = outcome(turn(account))
  await vi.advanceTimersByTimeAsync(20)
  expect(await waiting).toBe('admitted')
  await forget({ kind: 'account', id: 'ada' })
  for (let count = 0; count < 5; count += 1) expect(await outcome(turn(account))).toBe('admitted')
})

test('failures are forgotten, and a turn never takes more than half a minute', async () => {
  const { turn, noteFailure } = attempts()
  for (let failure = 0; failure < 500; failure += 1) await noteFailure(account)
  expect(await outcome(turn(account))).toBe('admitted')
  expect(await outcome(turn(account))).toBe('wait 30 s')
  vi.advanceTimersByTime(15 * 60_000)
  for (let count = 0; count < 5; count += 1) expect(await outcome(turn(account))).toBe('admitted')
})
