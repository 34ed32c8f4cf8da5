import { expect, test, vi } from 'vitest'
import { newClient } from '../http/exchange.ts'
import { createCoalescer, type WaitingExchange, type WaitingLimits } from './coalescing.ts'

const newExchange = (client = newClient('192.0.2.1')): WaitingExchange => ({ client, onLeave: null })

function setUp(limits: WaitingLimits = {}) {
  const flights = createCoalescer<string>(limits)
  const landing = Promise.withResolvers<string>()
  const begin = vi.fn((_signal: AbortSignal) => landing.promise)
  const conclude = vi.fn()
  const enter = (
    exchange = newExchange(),
    whenLeft: 'abort' | 'keep' = 'abort',
    concludeWith: (result: string) => void = conclude,
  ) => flights.enter(exchange, { key: 'k', whenLeft, begin, conclude: concludeWith })
  const land = async () => {
    landing.resolve('there')
    await landing.promise
  }
  return { flights, begin, conclude, enter, land }
}

test('all that wait get the result of one flight, and the next request starts another', async () => {
  const { flights, begin, enter, land } = setUp()
  const waiters = ['a', 'b', 'c'].map(() => vi.fn())
  const entered = waiters.map((conclude) => enter(newExchange(), 'abort', conclude))
  expect(entered).toEqual(['started', 'joined', 'joined'])
  expect([flights.waiting, flights.flights]).toEqual([3, 1])
  await land()
  for (const conclude of waiters) expect(conclude.mock.calls).toEqual([['there']])
  expect([flights.waiting, flights.flights, begin.mock.calls.length]).toEqual([0, 0, 1])
})

test('a client that leaves gets no result, and the flight continues for the others', async () => {
  const { flights, enter, land } = setUp()
  const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()]
  const leaver = newExchange()
  enter(leaver, 'abort', first)
  enter(newExchange(), 'abort', second)
  enter(newExchange(), 'abort', third)
  leaver.onLeave?.()
  leaver.onLeave?.()
  expect(flights.waiting).toBe(2)
  await land()
  expect(first).not.toHaveBeenCalled()
  expect(second).toHaveBeenCalledOnce()
})

test.each([
  ['abort', true],
  ['keep', false],
] as const)('when the last client leaves: %s', (whenLeft, aborted) => {
  const { flights, begin, enter } = setUp()
  const leaver = newExchange()
  enter(leaver, whenLeft)
  leaver.onLeave?.()
  expect(begin.mock.calls[0]?.[0].aborted).toBe(aborted)
  expect(flights.isInFlight('k')).toBe(!aborted)
  expect(flights.waiting).toBe(0)
})

test('requests wait up to the limit, and places become free again', async () => {
  const { enter, flights } = setUp({ total: 2 })
  const leaver = newExchange()
  expect([enter(leaver), enter(), enter()]).toEqual(['started', 'joined', 'full'])
  leaver.onLeave?.()
  expect(enter()).toBe('joined')
  expect(flights.waiting).toBe(2)
})

test('one connection cannot take all places by pipelining', async () => {
  const { enter, land, conclude } = setUp({ perConnection: 2 })
  const client = newClient('192.0.2.1')
  const enterSame = () => enter(newExchange(client))
  expect([enterSame(), enterSame(), enterSame(), enter()]).toEqual(['started', 'joined', 'full', 'joined'])
  await land()
  expect(conclude).toHaveBeenCalledTimes(3)
  expect(enterSame()).toBe('started')
})

test('an exchange that closes after its response has not left', async () => {
  const { enter, land, conclude, flights } = setUp()
  const exchange = newExchange()
  enter(exchange)
  await land()
  expect([conclude.mock.calls.length, flights.waiting, exchange.onLeave, exchange.client.waiting]).toEqual([
    1,
    0,
    null,
    0,
  ])
})
