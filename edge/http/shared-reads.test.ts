import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readShared } from './shared-reads.ts'

let server: Server
const accepted: Socket[] = []
const clients: Socket[] = []
beforeEach(async () => {
  server = createServer((socket) => accepted.push(socket.on('error', () => {}))).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  for (const socket of [...clients.splice(0), ...accepted.splice(0)]) socket.destroy()
  server.close()
})

async function pair(): Promise<{ client: Socket; socket: Socket }> {
  const connection = once(server, 'connection')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  clients.push(client)
  const [socket] = await connection
  return { client, socket }
}

test('each connection hears its own bytes, all of them in one place', async () => {
  const heard = ['', '']
  const places = new Set<ArrayBufferLike>()
  const pairs = [await pair(), await pair()]
  const ends = pairs.map(({ client, socket }, n) => {
    const isShared = readShared(socket, (bytes) => {
      heard[n] += bytes.toString()
      places.add(bytes.buffer)
      return true
    })
    expect(isShared, 'this Node.js can do it').toBe(true)
    client.write(`hello ${n}, `)
    client.end(`and bye ${n}`)
    return once(socket, 'end')
  })
  await Promise.all(ends)
  expect(heard).toEqual(['hello 0, and bye 0', 'hello 1, and bye 1'])
  expect(places.size).toBe(1)
})

test('nothing is read while a connection is paused', async () => {
  const { client, socket } = await pair()
  let heard = 0
  let mayPause = true
  readShared(socket, ({ length }) => {
    heard += length
    if (mayPause && heard >= 100_000) socket.pause()
    return true
  })
  // More than systems keep for a reader who does not read.
  const length = 30 << 20
  const sent = new Promise((resolve) => client.end(Buffer.alloc(length), () => resolve('sent')))
  while (!socket.isPaused()) await new Promise(setImmediate)
  const before = heard
  const waited = new Promise((resolve) => setTimeout(resolve, 50, 'waited'))
  expect(await Promise.race([sent, waited])).toBe('waited')
  expect(heard).toBe(before)
  mayPause = false
  socket.resume()
  await sent
  await once(socket, 'end')
  expect(heard).toBe(length)
})
