import { expect, test, vi } from 'vitest'
import type { Client, Exchange } from '../http/exchange.ts'
import { createCoalescer } from './coalescing.ts'
import { createWaitingRoom, type WaitingLimits } from './waiting-room.ts'

type Waiter = Pick<Exchange, 'leave'> & { client: Client }
const newClient = (): Client => ({ address: '192.0.2.1', waiting: 0, viewer: undefined, ticket: undefined })

function setUp(limits: WaitingLimits) {
  const flights = createCoalescer<string>()
  const room = createWaitingRoom(flights, limits)
  const landing = Promise.withResolvers<string>()
  const conclude = vi.fn()
  const enter = (client: Client, exchange: Waiter = { client, leave: null }) =>
    room.enter(exchange, {
      key: 'k',
      whenLeft: 'abort',
      begin: () => landing.promise,
      conclude,
    })
  const land = async () => {
    landing.resolve('there')
    await landing.promise
  }
  return { enter, land, conclude, flights }
}

test('no more wait than there is room for, and room is given back', async () => {
  const { enter, flights } = setUp({ total: 2 })
  const leaver: Waiter = { client: newClient(), leave: null }
  expect([enter(leaver.client, leaver), enter(newClient()), enter(newClient())]).toEqual([
    'started',
    'joined',
    'full',
  ])
  leaver.leave?.()
  expect(enter(newClient())).toBe('joined')
  expect(flights.waiting).toBe(2)
})

test('one connection cannot take all places by pipelining', async () => {
  const { enter, land, conclude } = setUp({ perConnection: 2 })
  const client = newClient()
  expect([enter(client), enter(client), enter(client), enter(newClient())]).toEqual([
    'started',
    'joined',
    'full',
    'joined',
  ])
  await land()
  expect(conclude).toHaveBeenCalledTimes(3)
  expect(enter(client)).toBe('started')
})

test('an answer that closes after it was given is not a viewer who left', async () => {
  const { enter, land, conclude, flights } = setUp({})
  const exchange: Waiter = { client: newClient(), leave: null }
  enter(exchange.client, exchange)
  await land()
  expect([conclude.mock.calls.length, flights.waiting, exchange.leave, exchange.client.waiting]).toEqual([
    1,
    0,
    null,
    0,
  ])
})
