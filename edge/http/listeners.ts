import { createServer, type Server } from 'node:net'
import { listen } from '../../core/process/http-server.ts'

const setting = 'NOWCAST_EDGE_PORT'

/** Maximum number of connections that wait to be accepted at each socket. */
const backlog = 4096

/** Number of listening sockets of one process. */
const sockets = 256

/**
 * Returns the port to listen at, a free one for 0. Makes sure that no other program uses the port, because
 * the system shares a shareable port silently.
 * @throws NowcastError `bad_settings`
 */
export async function findPort(host: string, port: number): Promise<number> {
  const probe = createServer()
  const found = await listen(probe, host, port, setting)
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  return found
}

/**
 * Listens for `server` at a port that other processes of this edge may share, with several sockets. The event
 * loop accepts one connection per socket and turn, and turns are long when many viewers ask, so a crowd that
 * comes at once would wait for seconds at a single socket. There is one socket where the system cannot share
 * a port. Returns the function that closes all sockets but the server's own.
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
    // Nothing to wait for: a server is closed once its connections are, and the caller ends those.
    for (const other of others) other.close()
  }
}
