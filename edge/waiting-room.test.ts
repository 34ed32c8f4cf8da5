import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test, vi } from 'vitest'
import { createCoalescer } from './coalescing.ts'
import { createWaitingRoom, type WaitingLimits } from './waiting-room.ts'

function setUp(limits: WaitingLimits) {
  const flights = createCoalescer<string>()
  const room = createWaitingRoom(flights, limits)
  const landing = Promise.withResolvers<string>()
  const conclude = vi.fn()
  const enter = (socket: object, response = new EventEmitter()) =>
    room.enter({ socket } as IncomingMessage, response as ServerResponse, {
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
  const leaver = new EventEmitter()
  expect([enter({}, leaver), enter({}), enter({})]).toEqual(['started', 'joined', 'full'])
  leaver.emit('close')
  expect(enter({})).toBe('joined')
  expect(flights.waiting).toBe(2)
})

test('one connection cannot take all places by pipelining', async () => {
  const { enter, land, conclude } = setUp({ perConnection: 2 })
  const socket = {}
  expect([enter(socket), enter(socket), enter(socket), enter({})]).toEqual([
    'started',
    'joined',
    'full',
    'joined',
  ])
  await land()
  expect(conclude).toHaveBeenCalledTimes(3)
  expect(enter(socket)).toBe('started')
})

test('an answer that closes after it was given is not a viewer who left', async () => {
  const { enter, land, conclude, flights } = setUp({})
  const response = new EventEmitter()
  enter({}, response)
  await land()
  response.emit('close')
  expect([conclude.mock.calls.length, flights.waiting, response.listenerCount('close')]).toEqual([1, 0, 0])
})
