import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createSlowClients, type SlowClients } from './slow-clients.ts'

let server: Server | undefined
let slowClients: SlowClients | undefined
afterEach(() => {
  slowClients?.close()
  server?.closeAllConnections()
  server?.close()
})

async function serve(bytes: number, deadlineMs: number) {
  const clients = createSlowClients(deadlineMs, () => performance.now())
  slowClients = clients
  server = createServer((request, response) => {
    response.end(Buffer.alloc(bytes))
    if (request.socket.writableLength > 0) clients.watch(request.socket, response)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return { clients, port: (server.address() as AddressInfo).port }
}

test('a client that does not take a response in time is disconnected', async () => {
  const { clients, port } = await serve(32 << 20, 200)
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
  socket.pause()
  // A paused client does not notice the end of its connection, so the test waits for it at the server.
  const closed = new Promise<void>((resolve) =>
    server?.once('connection', (accepted) => accepted.once('close', () => resolve())),
  )
  await closed
  expect([clients.cut, clients.draining]).toEqual([1, 0])
  socket.destroy()
})

test('a response that the system took at once is not watched', async () => {
  const { clients, port } = await serve(1500, 200)
  const response = await fetch(`http://127.0.0.1:${port}/`)
  expect((await response.arrayBuffer()).byteLength).toBe(1500)
  expect(clients.draining).toBe(0)
})
