import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { KeyedCount } from '../../core/mechanisms/keyed-count.ts'
import { listen } from '../../core/process/http-server.ts'
import type { Log } from '../../core/process/log.ts'
import type { TlsFiles } from '../../core/process/tls-files.ts'
import type { PublishAuthority } from '../publish/publish-authority.ts'
import type { RefusalReason } from '../publish/refusal.ts'
import { RtmpConnection } from './connection.ts'
import { closeGraceMs, handshakeTimeoutMs, sweepMs } from './limits.ts'

/** Maximum numbers of open sockets, including those that are still in their TLS handshake. */
interface ConnectionLimits {
  total: number
  perAddress: number
}

export interface RtmpListenerOptions {
  authority: PublishAuthority
  limits: ConnectionLimits
  log: Log
  onRefused: (reason: RefusalReason) => void
}

/** Creates the listener for publishers. All its ports share the same limits on connections. */
export function createRtmpListener({ authority, limits, log, onRefused }: RtmpListenerOptions) {
  const servers: Server[] = []
  const connections = new Map<RtmpConnection, Socket>()
  const isWithinLimits = createConnectionLimit(limits)
  let receivedOfClosed = 0

  function screen(socket: Socket) {
    if (isWithinLimits(socket)) return
    onRefused('too_many_connections')
    log.warn({ address: socket.remoteAddress, reason: 'too_many_connections' }, 'connection refused')
    socket.destroy()
  }

  function open(socket: Socket) {
    if (socket.destroyed) return
    const connection = new RtmpConnection({
      socket,
      authority,
      log,
      onClosed(reason) {
        connections.delete(connection)
        receivedOfClosed += socket.bytesRead
        if (reason) onRefused(reason)
      },
    })
    connections.set(connection, socket)
  }

  const timer = setInterval(() => {
    const now = performance.now()
    for (const connection of connections.keys()) connection.sweep(now)
  }, sweepMs)

  return {
    /**
     * Listens on a port, with TLS if there are files. Port 0 stands for a free one. Returns the port in use.
     * @throws NowcastError `bad_settings` when the port cannot be opened
     */
    async listen(host: string, port: number, tls?: TlsFiles): Promise<number> {
      const server = tls
        ? createTlsServer({ ...tls, handshakeTimeout: handshakeTimeoutMs })
        : createTcpServer()
      server.on('connection', screen)
      server.on(tls ? 'secureConnection' : 'connection', open)
      server.on('tlsClientError', (error: Error) => log.debug({ err: error.message }, 'TLS handshake failed'))
      const listening = await listen(server, host, port, tls ? 'NOWCAST_RTMPS_PORT' : 'NOWCAST_RTMP_PORT')
      servers.push(server)
      return listening
    },

    get connectionCount() {
      return connections.size
    },

    get receivedBytes() {
      return [...connections.values()].reduce((sum, socket) => sum + socket.bytesRead, receivedOfClosed)
    },

    /**
     * Accepts no more connections, asks all publishers to leave, and cuts those that stay longer than
     * `closeGraceMs`.
     */
    async close(): Promise<void> {
      clearInterval(timer)
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
      for (const connection of connections.keys()) connection.close()
      const cut = setTimeout(() => {
        for (const socket of connections.values()) socket.destroy()
      }, closeGraceMs)
      await Promise.all(closed)
      clearTimeout(cut)
    },
  }
}

/**
 * Returns a function that decides whether one more socket is within the limits. A socket within them counts
 * until it closes.
 */
function createConnectionLimit({ total, perAddress }: ConnectionLimits): (socket: Socket) => boolean {
  const open = new KeyedCount(perAddress)
  let openTotal = 0
  return (socket) => {
    const address = socket.remoteAddress ?? 'unknown'
    if (openTotal >= total || !open.enter(address)) return false
    openTotal++
    socket.once('close', () => {
      openTotal--
      open.leave(address)
    })
    return true
  }
}
