import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createPlaces, placeIdOf } from './places.ts'

let lastPort = 0

function socketOf(remoteAddress: string) {
  lastPort += 1
  return Object.assign(new EventEmitter(), { remoteAddress, remotePort: lastPort, localPort: 1935 }) as Socket
}

function setUp(total: number, perClient: number) {
  const places = createPlaces({ total, perClient })
  return {
    places,
    enter(address: string) {
      const socket = socketOf(address)
      const { hasPlace, evicted } = places.take(socket)
      return { socket, hasPlace, evicted: evicted?.socket, id: placeIdOf(socket) }
    },
  }
}

test('without a free place a newcomer gets that of the oldest client that has never published', () => {
  const { places, enter } = setUp(3, 0)
  const [publisher, first, second] = [enter('192.0.2.1'), enter('192.0.2.2'), enter('192.0.2.3')]
  places.keep(publisher.id)
  expect(enter('192.0.2.4')).toMatchObject({ hasPlace: true, evicted: first.socket })
  expect(enter('192.0.2.5')).toMatchObject({ hasPlace: true, evicted: second.socket })
  first.socket.emit('close')
  expect(places.open).toBe(3)
})

test('publishers keep their places, and a newcomer is refused', () => {
  const { places, enter } = setUp(2, 0)
  for (const address of ['192.0.2.1', '192.0.2.2']) places.keep(enter(address).id)
  expect(enter('192.0.2.3')).toMatchObject({ hasPlace: false, evicted: undefined })
})

test('an attacker with many connections loses its own places, not those of others', () => {
  const { enter } = setUp(10, 0)
  const honest = enter('192.0.2.1')
  for (let n = 0; n < 1000; n++) {
    const { hasPlace, evicted } = enter(`2001:db8::${n.toString(16)}`)
    expect(hasPlace).toBe(true)
    expect(evicted).not.toBe(honest.socket)
  }
})

test('a network at its own limit evicts its own oldest client', () => {
  const { places, enter } = setUp(10, 2)
  enter('192.0.2.1')
  const first = enter('2001:db8::1')
  const second = enter('2001:db8::2')
  expect(enter('2001:db8::3')).toMatchObject({ hasPlace: true, evicted: first.socket })
  places.keep(second.id)
  second.socket.emit('close')
  expect(enter('2001:db8::4')).toMatchObject({ hasPlace: true, evicted: undefined })
})
