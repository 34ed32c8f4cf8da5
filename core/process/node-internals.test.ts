import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  connectionListenerOf,
  freeMemory,
  freeReadSoon,
  readShared,
  writeDirectly,
} from './node-internals.ts'

let server: Server
const sockets: Socket[] = []
beforeEach(async () => {
  server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket.on('error', () => {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.close()
})

/** Opens a connection and returns both of its ends. */
async function openPair(): Promise<{ client: Socket; accepted: Socket }> {
  const connection = once(server, 'connection')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  sockets.push(client.on('error', () => {}))
  const [accepted] = await connection
  return { client, accepted }
}

test('shared reads: each connection gets its own bytes, all of them in one buffer', async () => {
  const heard = ['', '']
  const places = new Set<ArrayBufferLike>()
  const pairs = [await openPair(), await openPair()]
  const ends = pairs.map(({ client, accepted }, n) => {
    const isShared = readShared(accepted, (bytes) => {
      heard[n] += bytes.toString()
      places.add(bytes.buffer)
      return true
    })
    expect(isShared, 'this Node.js can do it').toBe(true)
    client.write(`hello ${n}, `)
    client.end(`and bye ${n}`)
    return once(accepted, 'end')
  })
  await Promise.all(ends)
  expect(heard).toEqual(['hello 0, and bye 0', 'hello 1, and bye 1'])
  expect(places.size).toBe(1)
})

test('shared reads: nothing is read while a connection is paused', async () => {
  const { client, accepted } = await openPair()
  let heard = 0
  let mayPause = true
  readShared(accepted, ({ length }) => {
    heard += length
    if (mayPause && heard >= 100_000) accepted.pause()
    return true
  })
  // More than the system buffers on a connection while the process does not read.
  const length = 30 << 20
  const sent = new Promise((resolve) => client.end(Buffer.alloc(length), () => resolve('sent')))
  while (!accepted.isPaused()) await new Promise(setImmediate)
  const before = heard
  const waited = new Promise((resolve) => setTimeout(resolve, 50, 'waited'))
  expect(await Promise.race([sent, waited])).toBe('waited')
  expect(heard).toBe(before)
  mayPause = false
  accepted.resume()
  await sent
  await once(accepted, 'end')
  expect(heard).toBe(length)
})

const never = () => expect.unreachable('the system had taken everything')

test('direct writes: a short response is taken at once, any number of times', async () => {
  const { client, accepted } = await openPair()
  let heard = ''
  client.on('data', (chunk) => {
    heard += chunk
  })
  for (let n = 0; n < 100; n += 1) expect(writeDirectly(accepted, Buffer.from(`${n};`), never)).toBe('all')
  accepted.end('end')
  await once(client, 'end')
  expect(heard).toBe(`${Array.from({ length: 100 }, (_, n) => `${n};`).join('')}end`)
})

test('direct writes: bytes that the system has no room for follow completely and in order', async () => {
  const { client, accepted } = await openPair()
  client.pause()
  let written = 0
  const response = () => Buffer.alloc(100_000, String.fromCharCode(97 + (written++ % 26)))
  const taken = Promise.withResolvers<void>()
  while (writeDirectly(accepted, response(), taken.resolve) === 'all') expect(written).toBeLessThan(1000)
  accepted.end()
  const heard: Buffer[] = []
  client.on('data', (chunk) => heard.push(chunk))
  client.resume()
  await Promise.all([taken.promise, once(client, 'end')])
  const text = Buffer.concat(heard).toString('latin1')
  expect(text.length).toBe(written * 100_000)
  const letters = text.match(/(.)\1*/g)?.map((run) => run.length) ?? []
  expect(letters).toEqual(Array.from({ length: written }, () => 100_000))
})

test('direct writes: bytes on a closed connection are never reported as taken', async () => {
  const { client, accepted } = await openPair()
  client.pause()
  while (writeDirectly(accepted, Buffer.alloc(100_000), never) === 'all') {}
  const closed = once(accepted, 'close')
  accepted.destroy()
  await closed
  expect(writeDirectly(accepted, Buffer.from('more'), never)).toBe('none')
})

test('connection listener: a server handles only the connections that it is passed', async () => {
  const http = createHttpServer((_request, response) => response.end('handled'))
  const handle = connectionListenerOf(http)
  const { client, accepted } = await openPair()
  http.emit('connection', accepted)
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(client.bytesRead).toBe(0)
  handle(accepted)
  let heard = ''
  client.on('data', (chunk) => {
    heard += chunk
  })
  await once(client, 'end')
  expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(() => connectionListenerOf(http)).toThrow('does not handle connections')
})

test('freed memory: a whole buffer is freed, a part or a pooled one is not', () => {
  const [whole, larger, pooled] = [
    Buffer.allocUnsafeSlow(50_000),
    Buffer.allocUnsafeSlow(50_000),
    Buffer.from('short'),
  ]
  for (const bytes of [whole, larger.subarray(0, 20_000), pooled]) freeMemory(bytes)
  expect([whole.length, larger.length, pooled.toString()]).toEqual([0, 50_000, 'short'])
})

test('freed memory: bytes of a read are freed after this turn, pooled ones are not', async () => {
  const [read, pooled] = [Buffer.allocUnsafeSlow(65_536), Buffer.from('short')]
  const { buffer } = pooled
  freeReadSoon(read.subarray(100, 60_000))
  freeReadSoon(pooled)
  expect(read.length).toBe(65_536)
  await new Promise(setImmediate)
  expect([read.length, buffer.byteLength > 0]).toEqual([0, true])
})
