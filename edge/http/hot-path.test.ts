import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { createHotPath } from './hot-path.ts'

const count = 300
const requestOf = (name: string, n: number) => `GET /live/${name}/${n}.m4s HTTP/1.1\r\nHost: a\r\n\r\n`

/** Starts a server whose connections are all on the hot path. `handled` has the paths in their order. */
async function startServer() {
  const handled: string[] = []
  const path = createHotPath({
    handle(exchange) {
      handled.push(exchange.target)
      exchange.send(404, ['content-length', '0'], null)
    },
    handOver(socket) {
      handled.push('handed over')
      socket.destroy()
    },
    slowClients: { watch() {} },
    now: () => performance.now(),
    deadlines: { headMs: 10_000, idleMs: 10_000 },
  })
  const server = createServer({ allowHalfOpen: true }, (socket) => path.take(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    handled,
    async open() {
      const [client] = await Promise.all([connect(port, '127.0.0.1'), once(server, 'connection')])
      return client
    },
    close() {
      path.destroy()
      path.close()
      server.close()
    },
  }
}

test('clients that pipeline take turns, and their own requests stay in order', async () => {
  const server = await startServer()
  const names = ['one', 'other']
  const clients = await Promise.all(names.map(server.open))
  for (const [index, client] of clients.entries())
    client.end(Array.from({ length: count }, (_, n) => requestOf(names[index] ?? '', n)).join(''))
  await Promise.all(clients.map((client) => once(client.resume(), 'close')))

  const isOf = (name: string) => (target: string) => target.startsWith(`/live/${name}/`)
  for (const name of names)
    expect(server.handled.filter(isOf(name))).toEqual(
      Array.from({ length: count }, (_, n) => `/live/${name}/${n}.m4s`),
    )
  const places = names.map((name) => [
    server.handled.findIndex(isOf(name)),
    server.handled.findLastIndex(isOf(name)),
  ])
  const [begins, ends] = [places.map(([first = 0]) => first), places.map(([, last = 0]) => last)]
  expect(Math.max(...begins), 'the later one begins before the other has ended').toBeLessThan(
    Math.min(...ends),
  )
  server.close()
})

test('what follows the plain requests goes to node:http', async () => {
  const server = await startServer()
  const client = await server.open()
  client.write(`${requestOf('one', 1)}${requestOf('one', 2)}GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`)
  await once(client.resume(), 'close')
  expect(server.handled).toEqual(['/live/one/1.m4s', '/live/one/2.m4s', 'handed over'])
  server.close()
})

test('a client that pipelines more than it reads is paused, and gets all responses in the end', async () => {
  const server = await startServer()
  const client = await server.open()
  const many = 20_000
  client.pause()
  client.write(Array.from({ length: many }, (_, n) => requestOf('one', n)).join(''))
  let responses = 0
  client.on('data', (chunk: Buffer) => {
    responses += chunk.toString('latin1').split('HTTP/1.1 404').length - 1
    if (responses === many) client.destroy()
  })
  client.resume()
  await once(client, 'close')
  expect(server.handled.length).toBe(many)
  server.close()
})
