import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Conditions, createSchedule, type ScheduleOptions } from '../../bench/link/conditions.ts'
import { createLink } from '../../bench/link/link.ts'
import { type LinkProxy, startLinkProxy } from '../../bench/link/link-proxy.ts'
import { freePort } from '../kit/ports.ts'

const base: Conditions = {
  downKbps: 40_000,
  upKbps: 40_000,
  rttMs: 20,
  jitterMs: 5,
  loss: 0.01,
  queueBytes: 200_000,
  congestion: 'bbr',
  address: '127.0.0.1',
}

let server: Server | undefined
let proxy: LinkProxy | undefined
afterEach(() => {
  proxy?.close()
  server?.close()
})

/** Starts a server behind a link. Returns the port of the link. */
async function start(
  onConnection: (socket: Socket) => void,
  schedule: Omit<ScheduleOptions, 'base'> = {},
): Promise<number> {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = await freePort()
  proxy = await startLinkProxy([{ port, target: (server.address() as AddressInfo).port }])
  proxy.use(createLink(createSchedule({ base, ...schedule }), 1))
  return port
}

/** Connects to a port. The proxy resets the connection at the end of the test, if not before. */
function open(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  return socket.on('error', () => {})
}

const hashOf = async (stream: AsyncIterable<Buffer>) => {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk)
  return hash.digest('hex')
}

test('both directions arrive complete, and each ends by itself', async () => {
  const [sent, answered] = [randomBytes(300_000), randomBytes(3_000_000)]
  const received = Promise.withResolvers<string>()
  const port = await start(async (socket) => {
    received.resolve(await hashOf(socket))
    socket.end(answered)
  })
  const socket = open(port)
  socket.end(sent)
  expect(await hashOf(socket)).toBe(createHash('sha256').update(answered).digest('hex'))
  expect(await received.promise).toBe(createHash('sha256').update(sent).digest('hex'))
})

test('a viewer who goes away is noticed by the server', async () => {
  const accepted = Promise.withResolvers<Socket>()
  const port = await start((socket) => accepted.resolve(socket))
  const socket = open(port)
  socket.write('x')
  const peer = await accepted.promise
  const closed = new Promise((resolve) => peer.once('close', resolve))
  peer.resume()
  socket.resetAndDestroy()
  await closed
})

test('connections are cut by the schedule', async () => {
  const port = await start((socket) => socket.write('x'), {
    phases: [{ seconds: 1, isCut: true }],
    repeats: true,
  })
  const socket = open(port)
  const [error] = await once(socket.resume(), 'error')
  expect(error).toMatchObject({ code: 'ECONNRESET' })
})

test('another link cuts connections, and the next ones come from its address', async () => {
  const addresses: (string | undefined)[] = []
  const port = await start((socket) => {
    addresses.push(socket.remoteAddress)
    socket.write('x')
  })
  const first = open(port)
  await once(first, 'data')
  const cut = once(first, 'error')
  proxy?.use(createLink(createSchedule({ base: { ...base, address: '127.0.0.2' } }), 1))
  expect(await cut).toMatchObject([{ code: 'ECONNRESET' }])
  const second = open(port)
  await once(second, 'data')
  expect(addresses).toEqual(['127.0.0.1', '127.0.0.2'])
})
