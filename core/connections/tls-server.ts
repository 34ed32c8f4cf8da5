import { constants } from 'node:crypto'
import { createServer, type Server, type TlsOptions } from 'node:tls'
import type { TlsFiles } from './tls-files.ts'

/** Forbids renegotiation, by which a client could make the server repeat the expensive handshake. */
const secureOptions = constants.SSL_OP_NO_RENEGOTIATION

/**
 * Creates a TLS server that closes connections whose handshake fails or takes longer than `handshakeMs`.
 * node:tls only reports such connections, and leaves them open.
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

/** Sets the certificate of new connections. `setSecureContext` resets every option that is not given. */
export const renewCertificate = (server: Server, files: TlsFiles) =>
  server.setSecureContext({ ...files, secureOptions })
