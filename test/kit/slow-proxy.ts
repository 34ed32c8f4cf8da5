import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type SlowProxy = Awaited<ReturnType<typeof startSlowProxy>>

/**
 * Starts a TCP proxy for a server on a unix socket. It passes requests on at once and can delay responses.
 * `url` is for REDIS_URL.
 */
export async function startSlowProxy(socketPath: string) {
  const sockets = new Set<Socket>()
  let delayMs = 0
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  }
  const server = createServer((client) => {
    const upstream = connect(socketPath)
    for (const socket of [client, upstream]) keep(socket)
    client.setNoDelay(true)
    let written = Promise.resolve()
    upstream.on('data', (bytes) => {
      const dueAt = performance.now() + delayMs
      // One after the other, because timers of different lengths fire in any order, and a response out of
      // order is taken for that of another command.
      written = written.then(async () => {
        const waitMs = dueAt - performance.now()
        if (waitMs > 0) await delay(waitMs)
        client.write(bytes)
      })
    })
    client.on('data', (bytes) => upstream.write(bytes))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Delays each response by `ms` from now on. */
    setDelay(ms: number): void {
      delayMs = ms
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
