import { constants } from 'node:crypto'
import { createServer, type Server, type TlsOptions } from 'node:tls'

/**
 * Creates a TLS server that closes connections whose handshake fails or takes longer than `handshakeMs`.
 * node:tls reports both and leaves them open.
 */
export function createTlsServer(options: TlsOptions, handshakeMs: number): Server {
  const server = createServer({
    ...options,
    handshakeTimeout: handshakeMs,
    // A client could otherwise make the server repeat the expensive handshake.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  })
  server.on('tlsClientError', (_error, socket) => void socket.destroy())
  return server
}
