import { constants } from 'node:crypto'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { TlsFiles } from '../../core/process/tls-files.ts'
import { connectionListenerOf } from '../http/connection-listener.ts'
import type { Client } from '../http/exchange.ts'
import { Http2Connection } from './http2-connection.ts'

/** How often each connection is looked at, ms. */
const lookMs = 1000

export interface SecureFrontParts {
  files: TlsFiles
  /** Answers a request of HTTP/2. */
  onRequest(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, client: Client): void
  /** Takes a connection that chose HTTP/1.1, or nothing. */
  toHttp(socket: TLSSocket): void
  now: () => number
  idleMs: number
  headMs: number
}

export type SecureFront = ReturnType<typeof createSecureFront>

/** TLS before the edge: viewers choose HTTP/2 or HTTP/1.1 as they shake hands (ALPN, RFC 7301). */
export function createSecureFront({ files, toHttp, ...side }: SecureFrontParts) {
  const server = createServer({
    ...files,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: side.headMs,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    noDelay: true,
  })
  const shakeHands = connectionListenerOf(server)
  const sockets = new Set<Socket>()
  const connections = new Set<Http2Connection>()
  let floods = 0

  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol !== 'h2') return toHttp(socket)
    const connection = new Http2Connection(socket, side)
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  const timer = setInterval(() => {
    for (const connection of connections) if (connection.look() === 'flood') floods += 1
  }, lookMs)

  return {
    server,
    get http2Connections() {
      return connections.size
    },
    /** Connections ended because they sent what no viewer does. */
    get floods() {
      return floods
    },

    /** Takes a connection as it comes from the port. */
    take(socket: Socket): void {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      shakeHands(socket)
    },

    /** For connections from now on. */
    setFiles: (files: TlsFiles): void => server.setSecureContext(files),

    /** Asks connections to end after their answers. */
    finish(): void {
      for (const connection of connections) connection.finish()
    },

    /** Ends all, those that still shake hands too. */
    destroy(): void {
      clearInterval(timer)
      for (const connection of connections) connection.destroy()
      for (const socket of sockets) socket.destroy()
    },
  }
}
