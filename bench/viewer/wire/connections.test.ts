import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { ViewerResponse } from './client.ts'
import { createConnections } from './connections.ts'

/** Starts a server and opens the connections of a viewer to it. */
async function connectTo(listener: RequestListener) {
  const server = createServer(listener)
  const sockets = new Set<unknown>()
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const drops: string[] = []
  const connections = createConnections({
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    userAgent: 'test',
    onDrop: () => drops.push('drop'),
  })
  onTestFinished(() => {
    connections.close()
    server.close()
    server.closeAllConnections()
  })
  const get = (target: string) =>
    new Promise<Omit<ViewerResponse, 'body'> & { text: string }>((resolve, reject) =>
      connections.request(target, {
        onResponse: ({ body, ...response }) => resolve({ ...response, text: body.toString() }),
        onFailure: () => reject(new Error('no response')),
      }),
    )
  return { get, sockets, drops, connections }
}

test('bodies of any length arrive whole, and one connection is used again', async () => {
  const bodies = ['', 'short', 'x'.repeat(1_000_000)]
  const { get, sockets, drops } = await connectTo(({ url }, response) => {
    const body = bodies[Number(url?.slice(1))] ?? ''
    response.setHeader('content-length', body.length).setHeader('age', 3).end(body)
  })
  for (const [index, body] of bodies.entries()) {
    const response = await get(`/${index}`)
    expect(response).toMatchObject({ status: 200, ageSeconds: 3 })
    expect(response.text === body).toBe(true)
  }
  expect([sockets.size, drops]).toEqual([1, []])
})

test('large bodies that arrive together on several connections do not mix', async () => {
  const { get } = await connectTo(({ url }, response) => {
    const body = Buffer.alloc(700_000, url?.slice(1))
    response.setHeader('content-length', body.length).write(body.subarray(0, 300_000))
    setImmediate(() => response.end(body.subarray(300_000)))
  })
  for (const letters of ['abcdef', 'ghijkl']) {
    const bodies = await Promise.all([...letters].map((letter) => get(`/${letter}`)))
    expect(bodies.map(({ text }) => text === text.slice(0, 1).repeat(700_000))).not.toContain(false)
    expect(bodies.map(({ text }) => text[0]).join('')).toBe(letters)
  }
})

test('a response that arrives byte by byte is whole', async () => {
  const text = 'HTTP/1.1 404 Not Found\r\nAge: 7\r\nContent-Length: 5\r\n\r\nwords'
  const { get } = await connectTo(({ socket }) => {
    const sendRest = (rest: string) => {
      socket.write(rest.slice(0, 1))
      if (rest.length > 1) setImmediate(sendRest, rest.slice(1))
    }
    socket.setNoDelay(true)
    sendRest(text)
  })
  expect(await get('/')).toMatchObject({ status: 404, ageSeconds: 7, text: 'words' })
})

test('a body in chunks is joined', async () => {
  const { get } = await connectTo((_, response) => {
    response.write('one ')
    setImmediate(() => response.end('two'))
  })
  expect(await get('/')).toMatchObject({ status: 200, text: 'one two' })
})

test('no more than six requests are sent at once', async () => {
  const held: (() => void)[] = []
  const { get, sockets } = await connectTo((_, response) => void held.push(() => response.end('body')))
  const all = Array.from({ length: 8 }, () => get('/'))
  while (held.length < 6) await new Promise(setImmediate)
  expect(sockets.size).toBe(6)
  const first = Promise.race(all)
  held.shift()?.()
  await first
  while (held.length < 6) await new Promise(setImmediate)
  while (held.length > 0) held.shift()?.()
  const answered = Promise.all(all)
  while (held.length < 1) await new Promise(setImmediate)
  held.shift()?.()
  expect(await answered).toHaveLength(8)
  expect(sockets.size).toBe(6)
})

test('a response that breaks off is a failure and a drop', async () => {
  const { get, drops } = await connectTo((_, response) => {
    response.setHeader('content-length', 10).write('half')
    setImmediate(() => response.socket?.destroy())
  })
  await expect(get('/')).rejects.toThrow('no response')
  expect(drops).toEqual(['drop'])
})

test('a request that is given up costs its connection and is no drop', async () => {
  const arrived = Promise.withResolvers<() => void>()
  const { get, drops, connections, sockets } = await connectTo(({ url, socket }, response) => {
    if (url === '/held') arrived.resolve(() => new Promise((resolve) => socket.once('close', resolve)))
    else response.end('body')
  })
  const pending = connections.request('/held', {
    onResponse: () => expect.unreachable(),
    onFailure: () => expect.unreachable(),
  })
  const closed = (await arrived.promise)()
  pending.abort()
  await closed
  expect(await get('/other')).toMatchObject({ text: 'body' })
  expect([sockets.size, drops]).toEqual([2, []])
})
