import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { SecureHttpDeadlines } from '../../core/connections/deadlines.ts'
import type { TlsFiles } from '../../core/connections/tls-files.ts'
import { createTlsServer, renewCertificate } from '../../core/connections/tls-server.ts'
import { connectionListenerOf, inheritPeer } from '../../core/process/node-internals.ts'
import { Http2Connection, type Http2Host } from './http2-connection.ts'

/**
 * Time between two checks of each HTTP/2 connection, ms. It must be one second, because the byte limits of a
 * connection are per second.
 */
const checkMs = 1000

export interface SecureFrontOptions extends Http2Host {
  files: TlsFiles
  deadlines: Pick<SecureHttpDeadlines, 'tlsHandshakeMs' | 'headMs' | 'idleMs'>
  /** Serves a connection for which the handshake did not choose HTTP/2. */
  toHttp1(socket: TLSSocket): void
}

export type SecureFront = ReturnType<typeof createSecureFront>

/** Accepts TLS connections. The handshake chooses HTTP/2 or HTTP/1.1 (ALPN, RFC 7301). */
export function createSecureFront({ files, toHttp1, ...host }: SecureFrontOptions) {
  const server = createTlsServer(
    { ...files, ALPNProtocols: ['h2', 'http/1.1'], noDelay: true },
    host.deadlines.tlsHandshakeMs,
  )
  const beginHandshake = connectionListenerOf(server)
  const sockets = new Set<Socket>()
  const connections = new Set<Http2Connection>()
  let floods = 0

  server.on('secureConnection', (socket) => {
    inheritPeer(socket)
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
    /** Number of connections that were ended because they flooded the server, since the start. */
    get floods() {
      return floods
    },

    /** Serves a connection that was just accepted, before the TLS handshake. */
    take(socket: Socket): void {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      beginHandshake(socket)
    },

    /** Sets the certificate of new connections. Open ones are not affected. */
    setFiles: (files: TlsFiles): void => renewCertificate(server, files),

    /** Asks HTTP/2 connections to end after their responses. */
    finish(): void {
      for (const connection of connections) connection.finish()
    },

    /** Closes all connections at once, including those in the handshake. */
    destroy(): void {
      clearInterval(timer)
      for (const connection of connections) connection.destroy()
      for (const socket of sockets) socket.destroy()
    },
  }
}
