import { createServer, type Server } from 'node:http'
import type { RequestHandler } from '../core/internal-server.ts'

/** The public HTTP server, every wait and size bounded; unlike the internal ones it has anybody for a client. */
export function createEdgeServer(handler: RequestHandler, maxConnections: number): Server {
  const server = createServer(
    {
      keepAliveTimeout: 30_000,
      headersTimeout: 5000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16_384,
      noDelay: true,
    },
    handler,
  )
  server.maxConnections = maxConnections
  server.maxHeadersCount = 100
  return server
}
