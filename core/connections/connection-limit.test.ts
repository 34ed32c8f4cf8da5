import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { ConnectionLimit } from './connection-limit.ts'

/** Creates what `screen` needs of a socket. */
function socketOf(remoteAddress: string) {
  const socket = Object.assign(new EventEmitter(), {
    remoteAddress,
    destroyed: false,
    destroy() {
      socket.destroyed = true
      socket.emit('close')
    },
  })
  return socket as unknown as Socket
}

test('a client is at its limit with all addresses of its /64', () => {
  const limit = new ConnectionLimit({ total: 10, perClient: 2 })
  const sockets = ['2001:db8:1:2::1', '2001:db8:1:2::2', '2001:db8:1:2:3::4', '2001:db8:1:3::1'].map(socketOf)
  expect(sockets.map((socket) => limit.screen(socket))).toEqual([true, true, false, true])
  expect([limit.open, limit.refused]).toEqual([3, 1])
  sockets[0]?.destroy()
  expect(limit.screen(socketOf('2001:db8:1:2::9'))).toBe(true)
})

test('an IPv4 address counts alone, and the same when it is mapped to IPv6', () => {
  const limit = new ConnectionLimit({ total: 10, perClient: 1 })
  const addresses = ['192.0.2.1', '192.0.2.2', '::ffff:192.0.2.1']
  expect(addresses.map((address) => limit.screen(socketOf(address)))).toEqual([true, true, false])
})

test('a proxy on this machine may have all connections, if the listener spares it', () => {
  const limit = new ConnectionLimit({ total: 3, perClient: 1, sparesLoopback: true })
  const addresses = ['127.0.0.1', '127.0.0.1', '192.0.2.1', '192.0.2.1', '127.0.0.1']
  const sockets = addresses.map((address, port) => Object.assign(socketOf(address), { remotePort: port }))
  expect(sockets.map((socket) => limit.screen(socket))).toEqual([true, true, true, false, false])
})

test('the total applies to all, and leaving twice counts once', () => {
  const limit = new ConnectionLimit({ total: 2, perClient: 0 })
  const leave = limit.enter('one')
  limit.enter('two')
  expect(limit.full('three')).toBe('total')
  leave()
  leave()
  expect([limit.open, limit.full('three')]).toEqual([1, undefined])
})
