import { expect, test, vi } from 'vitest'
import { createCoalescer, type Waiter } from './coalescing.ts'

function setUp() {
  const flights = createCoalescer<string>()
  const { promise, resolve } = Promise.withResolvers<string>()
  const begin = vi.fn((_signal: AbortSignal) => promise)
  const waiters = ['a', 'b', 'c'].map(() => ({ settle: vi.fn<Waiter<string>['settle']>() }))
  return { flights, begin, waiters, resolve, landed: promise.then(() => {}) }
}

test('one flight, told to all who wait; the next one to ask starts another', async () => {
  const { flights, begin, waiters, resolve, landed } = setUp()
  const joined = waiters.map((waiter) => flights.join('k', waiter, 'abort', begin))
  expect(joined).toEqual([false, true, true])
  expect([flights.waiting, flights.flights]).toEqual([3, 1])
  resolve('there')
  await landed
  for (const { settle } of waiters) expect(settle.mock.calls).toEqual([['there']])
  expect([flights.waiting, flights.flights, begin.mock.calls.length]).toEqual([0, 0, 1])
})

test('who leaves is not told, and the flight goes on for the others', async () => {
  const { flights, begin, waiters, resolve, landed } = setUp()
  for (const waiter of waiters) flights.join('k', waiter, 'abort', begin)
  const [first, second] = waiters
  if (!first || !second) throw new Error('no waiters')
  flights.leave('k', first)
  flights.leave('k', first)
  expect(flights.waiting).toBe(2)
  resolve('there')
  await landed
  expect(first.settle).not.toHaveBeenCalled()
  expect(second.settle).toHaveBeenCalledOnce()
})

test.each([
  ['abort', true],
  ['keep', false],
] as const)('when the last one leaves: %s', (whenLeft, aborted) => {
  const { flights, begin, waiters } = setUp()
  const [first] = waiters
  if (!first) throw new Error('no waiters')
  flights.join('k', first, whenLeft, begin)
  flights.leave('k', first)
  expect(begin.mock.calls[0]?.[0].aborted).toBe(aborted)
  expect(flights.isInFlight('k')).toBe(!aborted)
  expect(flights.waiting).toBe(0)
})
