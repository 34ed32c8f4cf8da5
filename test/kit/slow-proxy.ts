import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

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
    let lastAt = 0
    upstream.on('data', (bytes) => {
      // Responses stay in order when the delay becomes shorter.
      lastAt = Math.max(lastAt, performance.now() + delayMs)
      const waitMs = lastAt - performance.now()
      if (waitMs < 1) client.write(bytes)
      else setTimeout(() => client.write(bytes), waitMs)
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
