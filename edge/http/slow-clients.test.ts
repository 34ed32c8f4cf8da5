import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createSlowReaders, type SlowReaders } from './slow-clients.ts'

let server: Server | undefined
let slowReaders: SlowReaders | undefined
afterEach(() => {
  slowReaders?.close()
  server?.closeAllConnections()
  server?.close()
})

async function serve(bytes: number, deadlineMs: number) {
  const readers = createSlowReaders(deadlineMs, () => performance.now())
  slowReaders = readers
  server = createServer((request, response) => {
    response.end(Buffer.alloc(bytes))
    readers.watch(request.socket, response)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return { readers, port: (server.address() as AddressInfo).port }
}

test('a viewer who does not take an answer in time is cut off', async () => {
  const { readers, port } = await serve(32 << 20, 200)
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
  socket.pause()
  // Nothing of a paused socket is read, so its end shows in the server's own count.
  const closed = new Promise<void>((resolve) =>
    server?.once('connection', (accepted) => accepted.once('close', () => resolve())),
  )
  await closed
  expect([readers.cut, readers.draining]).toEqual([1, 0])
  socket.destroy()
})

test('an answer that the system took at once is not watched', async () => {
  const { readers, port } = await serve(1500, 200)
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  expect((await answer.arrayBuffer()).byteLength).toBe(1500)
  expect(readers.draining).toBe(0)
})
