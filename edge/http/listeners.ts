import { createServer, type Server } from 'node:net'
import { listen } from '../../core/process/http-server.ts'

const setting = 'NOWCAST_EDGE_PORT'

/** Connections that may wait to be accepted at each socket. */
const backlog = 4096

/** Listening sockets of one process. */
const sockets = 256

/** Makes sure that the port is nobody else's, because a shared one is shared without a word; chooses one for 0. @throws NowcastError `bad_settings` */
export async function findPort(host: string, port: number): Promise<number> {
  const probe = createServer()
  const found = await listen(probe, host, port, setting)
  await close(probe)
  return found
}

/**
 * Listens for `server` at a port that others of this edge may share, with several sockets: the event loop accepts one connection of each
 * in a turn, and a turn is long when many viewers ask, so a crowd that comes at once would wait for seconds behind one socket. Where
 * the system cannot share a port there is one. Gives the function that closes all but the server's own.
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
    // A server is closed when its connections are; that is waited for by the one who ends those.
    for (const other of others) other.close()
  }
}

const close = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()))
