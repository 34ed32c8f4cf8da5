import { createServer, type Server } from 'node:net'
import { listen } from '../../core/process/http-server.ts'

const setting = 'NOWCAST_EDGE_PORT'

/** Maximum number of connections that wait to be accepted at each socket. */
const backlog = 4096

/** Number of listening sockets of one process. */
const sockets = 256

/**
 * Returns the port to listen at; a free one when `port` is 0. Opens and closes the port without sharing it:
 * with `reusePort` the system would silently share a port that another program uses.
 * @throws NowcastError `bad_settings` when the port cannot be opened.
 */
export async function findPort(host: string, port: number): Promise<number> {
  const probe = createServer()
  const found = await listen(probe, host, port, setting)
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  return found
}

/**
 * Listens for `server` at a port that other processes of this edge may share, with several sockets. The event
 * loop accepts one connection per socket and turn, and turns are long when many viewers send requests. At a
 * single socket, a crowd that comes at once would wait for seconds. Where the system cannot share a port,
 * there is one socket. Returns the function that closes all sockets but the server's own.
 * @throws NowcastError `bad_settings` when the port cannot be opened.
 */
export async function openListeners(server: Server, host: string, port: number): Promise<() => void> {
  const isShared = await listen(server, host, port, setting, { backlog, reusePort: true }).then(
    () => true,
    () => listen(server, host, port, setting, { backlog }).then(() => false),
  )
  if (!isShared) return () => {}
  const others = await Promise.all(
    Array.from({ length: sockets - 1 }, async () => {
      const other = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
        server.emit('connection', socket),
      )
      await listen(other, host, port, setting, { backlog, reusePort: true })
      return other
    }),
  )
  return () => {
    // Need not be awaited: the sockets stop listening at once, and the caller ends their connections.
    for (const other of others) other.close()
  }
}
