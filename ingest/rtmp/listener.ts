import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { type TLSSocket, Server as TlsServer } from 'node:tls'
import type { ConnectionLimits } from '../../core/connections/connection-limit.ts'
import { type RtmpDeadlines, deadlines as usualDeadlines } from '../../core/connections/deadlines.ts'
import { createProxiedSockets } from '../../core/connections/proxied-sockets.ts'
import type { TlsFiles } from '../../core/connections/tls-files.ts'
import { createTlsServer, renewCertificate } from '../../core/connections/tls-server.ts'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import { listen } from '../../core/process/http-server.ts'
import { type LimitedLog, type Log, limitLines } from '../../core/process/log.ts'
import { connectionListenerOf, inheritPeer } from '../../core/process/node-internals.ts'
import type { PublishAuthority } from '../publish/publish-authority.ts'
import type { RefusalReason } from '../publish/refusal.ts'
import { RtmpConnection } from './connection.ts'
import { closeGraceMs, sweepMs } from './limits.ts'
import { createPlaces, placeIdOf } from './places.ts'

export interface RtmpListenerOptions {
  authority: PublishAuthority
  limits: Omit<ConnectionLimits, 'proxies'>
  /** Proxies that may send the PROXY protocol. */
  proxies?: TrustedProxies | undefined
  /** Whether other processes may listen at the same ports; false by default. */
  sharesPorts?: boolean
  /** `deadlines.rtmp` by default. */
  deadlines?: RtmpDeadlines
  log: Log
  onRefused: (reason: RefusalReason) => void
}

/** Creates the listener for publishers. All its ports share the same limits on connections. */
export function createRtmpListener(options: RtmpListenerOptions) {
  const { deadlines = usualDeadlines.rtmp } = options
  const log = limitLines(options.log)
  const servers: (Server | TlsServer)[] = []
  const clients = createClients(options, deadlines, log)
  const proxied = createProxiedSockets(options.proxies, deadlines.tlsHandshakeMs)
  const timer = setInterval(clients.sweep, sweepMs)

  return {
    /**
     * Listens on a port, with TLS if there are files. Returns the port, which the system chooses when `port`
     * is 0.
     * @throws NowcastError `bad_settings` when the port cannot be opened, for example because it is taken
     */
    async listen(host: string, port: number, tls?: TlsFiles): Promise<number> {
      const server = tls ? createTlsServer(tls, deadlines.tlsHandshakeMs) : createTcpServer()
      const begin = tls ? connectionListenerOf(server) : clients.open
      server.on('connection', (socket) =>
        proxied.take(socket, (socket) => {
          clients.screen(socket)
          if (!socket.destroyed) begin(socket)
        }),
      )
      server.on('secureConnection', (socket: TLSSocket) => {
        inheritPeer(socket)
        clients.open(socket)
      })
      server.on('tlsClientError', (error: Error) => log.debug({ err: error.message }, 'TLS handshake failed'))
      const setting = tls ? 'NOWCAST_RTMPS_PORT' : 'NOWCAST_RTMP_PORT'
      const listening = await listen(server, host, port, setting, { reusePort: options.sharesPorts ?? false })
      servers.push(server)
      return listening
    },

    /** Sets the certificate of new connections over TLS. Open ones are not affected. */
    setFiles(files: TlsFiles): void {
      for (const server of servers) if (server instanceof TlsServer) renewCertificate(server, files)
    },

    get connectionCount() {
      return clients.connectionCount
    },

    /** Number of open sockets, including those in their TLS handshake. */
    get openSockets() {
      return clients.openSockets
    },

    get receivedBytes() {
      return clients.receivedBytes
    },

    /** Accepts no more connections. Open ones continue. */
    stopListening(): void {
      for (const server of servers) server.close()
    },

    /**
     * Accepts no more connections, ends all sessions, and cuts clients that stay longer than `closeGraceMs`,
     * including those in their TLS handshake. Resolves when all connections are closed.
     */
    async close(): Promise<void> {
      clearInterval(timer)
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
      clients.close()
      proxied.destroy()
      const cut = setTimeout(clients.destroy, closeGraceMs)
      await Promise.all(closed)
      clearTimeout(cut)
    },
  }
}

/** Creates the set of all clients, from the accepted socket to its end. */
function createClients(
  { authority, limits, proxies, onRefused }: RtmpListenerOptions,
  deadlines: RtmpDeadlines,
  log: LimitedLog,
) {
  const connections = new Map<string, { connection: RtmpConnection; socket: Socket }>()
  const places = createPlaces({ ...limits, proxies })
  let isClosing = false
  let receivedOfClosed = 0

  function refuse(socket: Socket) {
    onRefused('too_many_connections')
    log.warn({ address: socket.remoteAddress, reason: 'too_many_connections' }, 'connection refused')
    socket.destroy()
  }

  return {
    /**
     * Takes a place for an accepted socket, before TLS. If all are taken, it closes the client that loses its
     * place, or the socket itself.
     */
    screen(socket: Socket): void {
      const { hasPlace, evicted } = places.take(socket)
      if (evicted) {
        const known = connections.get(evicted.id)
        // A client in its TLS handshake is no RTMP connection yet.
        if (known) known.connection.evict()
        else refuse(evicted.socket)
      }
      if (!hasPlace) refuse(socket)
    },

    /** Creates the RTMP connection of a socket, after the TLS handshake if there is one. */
    open(socket: Socket): void {
      if (socket.destroyed) return
      if (isClosing) return void socket.destroy()
      const id = placeIdOf(socket)
      const connection = new RtmpConnection({
        socket,
        authority,
        deadlines,
        log,
        onPublishing: () => places.keep(id),
        onClosed(reason) {
          connections.delete(id)
          receivedOfClosed += socket.bytesRead
          if (reason) onRefused(reason)
        },
      })
      connections.set(id, { connection, socket })
    },

    sweep(): void {
      const now = performance.now()
      for (const { connection } of connections.values()) connection.sweep(now)
    },

    get connectionCount() {
      return connections.size
    },
    get openSockets() {
      return places.open
    },
    get receivedBytes() {
      return [...connections.values()].reduce((sum, { socket }) => sum + socket.bytesRead, receivedOfClosed)
    },

    /** Ends all sessions and cuts the other connections. Refused clients keep their time to read why. */
    close(): void {
      isClosing = true
      for (const { connection } of connections.values()) connection.close()
    },
    destroy: places.destroy,
  }
}
