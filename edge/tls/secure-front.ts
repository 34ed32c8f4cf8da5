import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { TlsFiles } from '../../core/process/tls-files.ts'
import { connectionListenerOf } from '../http/node-internals.ts'
import { Http2Connection, type Http2Host } from './http2-connection.ts'

/** Time between two checks of each connection, ms. */
const checkMs = 1000

export interface SecureFrontOptions extends Http2Host {
  files: TlsFiles
  /** Takes a connection that chose HTTP/1.1, or nothing. */
  toHttp1(socket: TLSSocket): void
}

export type SecureFront = ReturnType<typeof createSecureFront>

/** Accepts TLS connections. Clients choose HTTP/2 or HTTP/1.1 in the handshake (ALPN, RFC 7301). */
export function createSecureFront({ files, toHttp1, ...host }: SecureFrontOptions) {
  const server = createServer({
    ...files,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: host.headMs,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    noDelay: true,
  })
  const beginHandshake = connectionListenerOf(server)
  const sockets = new Set<Socket>()
  const connections = new Set<Http2Connection>()
  let floods = 0

  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol !== 'h2') return toHttp1(socket)
    const connection = new Http2Connection(socket, host)
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  const timer = setInterval(() => {
    for (const connection of connections) if (connection.check() === 'flood') floods += 1
  }, checkMs)

  return {
    server,
    get http2Connections() {
      return connections.size
    },
    /** Number of connections that were ended because they flooded the server. */
    get floods() {
      return floods
    },

    /** Takes a connection as it was accepted. */
    take(socket: Socket): void {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      beginHandshake(socket)
    },

    /** Changes the certificate of new connections. */
    setFiles: (files: TlsFiles): void => server.setSecureContext(files),

    /** Asks connections to end after their responses. */
    finish(): void {
      for (const connection of connections) connection.finish()
    },

    /** Ends all connections, including those in the handshake. */
    destroy(): void {
      clearInterval(timer)
      for (const connection of connections) connection.destroy()
      for (const socket of sockets) socket.destroy()
    },
  }
}
