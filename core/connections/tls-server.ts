import { constants } from 'node:crypto'
import { createServer, type Server, type TlsOptions } from 'node:tls'
import type { TlsFiles } from '../process/tls-files.ts'

/** A client could otherwise make the server repeat the expensive handshake. */
const secureOptions = constants.SSL_OP_NO_RENEGOTIATION

/**
 * Creates a TLS server that closes connections whose handshake fails or takes longer than `handshakeMs`.
 * node:tls reports both and leaves them open.
 */
export function createTlsServer(options: TlsOptions, handshakeMs: number): Server {
  const server = createServer({
    ...options,
    handshakeTimeout: handshakeMs,
    secureOptions,
  })
  server.on('tlsClientError', (_error, socket) => void socket.destroy())
  return server
}

/** Sets the certificate of new connections. node:tls then forgets all options but those given here. */
export const renewCertificate = (server: Server, files: TlsFiles) =>
  server.setSecureContext({ ...files, secureOptions })
