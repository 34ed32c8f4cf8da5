import { createServer, type RequestListener } from 'node:http'
import type { Server, Socket } from 'node:net'
import { ConnectionLimit } from '../core/connections/connection-limit.ts'
import { type SecureHttpDeadlines, deadlines as usualDeadlines } from '../core/connections/deadlines.ts'
import { createHttpGuard } from '../core/connections/http-guard.ts'
import { createProxiedSockets, type ProxiedSockets } from '../core/connections/proxied-sockets.ts'
import type { TlsFiles } from '../core/connections/tls-files.ts'
import type { TrustedProxies } from '../core/connections/trusted-proxies.ts'
import { canonicalTarget } from '../core/playback/canonical-target.ts'
import { playbackPrefix, splitToken } from '../core/playback/media-paths.ts'
import { closeServer } from '../core/process/http-server.ts'
import { connectionListenerOf } from '../core/process/node-internals.ts'
import { clientBehind, type Exchange } from './http/exchange.ts'
import { createHotPath } from './http/hot-path.ts'
import { http1Exchange } from './http/http1-exchange.ts'
import { sendMethodNotAllowed, sendPreflight } from './http/responses.ts'
import { createSlowClients } from './http/slow-clients.ts'
import { parsePlaybackRequest } from './objects/playback-request.ts'
import { http2Exchange } from './tls/http2-exchange.ts'
import { createSecureFront } from './tls/secure-front.ts'

/** Header fields that close an HTTP/1.1 connection after the response. */
const closingFields = ['connection', 'close'] as const

export interface EdgeServerOptions {
  /** Maximum number of client connections. Further ones are closed on arrival. */
  maxConnections: number
  /** Maximum number of connections per IPv4 address and per /64 of IPv6; 0 for no limit. */
  maxPerAddress: number
  now: () => number
  /** Time limits of client connections; by default `deadlines.edge`. */
  deadlines?: SecureHttpDeadlines
  /** Proxies whose header fields, or PROXY protocol, are trusted to name the client. */
  proxies?: TrustedProxies | undefined
  /** Files for HTTPS with HTTP/2; without them the server speaks plain HTTP. */
  tls?: TlsFiles | undefined
}

export interface EdgeHandlers {
  /** Responds to a GET or HEAD request, and refuses an OPTIONS request for an unknown path. */
  handle(exchange: Exchange): void
  /**
   * Responds to a request for a path outside of `/live/`. Returns false, without a response, when there is no
   * such resource.
   */
  handleOther(exchange: Exchange, method: string | undefined): boolean
}

export type EdgeServer = ReturnType<typeof createEdgeServer>

/**
 * Creates the server for viewers and other edges. Waits and sizes are bounded, because any client may
 * connect. Without TLS, each connection starts on the hot path, which hands it over to node:http at the first
 * request that is not a plain playback request. With TLS, a connection belongs to HTTP/2 or node:http from
 * the start.
 */
export function createEdgeServer(handlers: EdgeHandlers, options: EdgeServerOptions) {
  const { now, proxies, deadlines = usualDeadlines.edge } = options
  const slowClients = createSlowClients(deadlines.responseMs, now)
  const respond = dispatchTo(handlers)
  const http1 = createHttp1Server(deadlines, (request, response) =>
    respond(request.method, http1Exchange(request, response, slowClients, proxies), closingFields),
  )
  const beginHttp1 = connectionListenerOf(http1)
  // With TLS, `http1` never listens, and node:http enforces its own timeouts only in a server that listens.
  // The guard works in both cases.
  const guard = createHttpGuard(http1, deadlines, now)
  const takeByHttp1 = (socket: Socket) => {
    guard.take(socket)
    beginHttp1(socket)
  }
  const hotPath = createHotPath({
    now,
    deadlines,
    handle: handlers.handle,
    proxies,
    slowClients,
    handOver(socket, unread) {
      takeByHttp1(socket)
      socket.unshift(unread)
    },
  })
  const secure =
    options.tls &&
    createSecureFront({
      now,
      deadlines,
      files: options.tls,
      toHttp1: takeByHttp1,
      onRequest: (stream, headers, client) =>
        respond(
          headers[':method'],
          http2Exchange(stream, headers, clientBehind(client, headers, proxies), slowClients),
          [],
        ),
    })
  const listener: Server = secure?.server ?? http1
  const proxied = createProxiedSockets(proxies, deadlines.headMs)
  const connections = limitConnections(listener, options, proxied, secure?.take ?? hotPath.take)

  return {
    /** The server that accepts connections, with or without TLS. */
    listener,
    /** Undefined without TLS. */
    secure,
    connections,
    slowClients,
    /** Number of connections that left the hot path for node:http. */
    get handedOver() {
      return hotPath.handedOver
    },

    /**
     * Accepts no more connections. Closes idle ones at once, others after their response or after `graceMs`.
     * Resolves when all are closed.
     */
    async close(graceMs = 1000): Promise<void> {
      const closed = secure && new Promise<void>((resolve) => listener.close(() => resolve()))
      hotPath.finish()
      proxied.destroy()
      guard.closeIdle()
      secure?.finish()
      const timer = setTimeout(() => {
        hotPath.destroy()
        secure?.destroy()
      }, graceMs)
      await Promise.all([closeServer(http1, graceMs), closed])
      clearTimeout(timer)
      secure?.destroy()
      hotPath.close()
      guard.close()
      slowClients.close()
    },
  }
}

/** Returns a function that passes a request to its handler, or refuses it, by path and method. */
function dispatchTo({ handle, handleOther }: EdgeHandlers) {
  return (method: string | undefined, exchange: Exchange, closing: readonly string[]) => {
    exchange.target = canonicalTarget(exchange.target)
    const { target } = exchange
    if (!target.startsWith(playbackPrefix) && handleOther(exchange, method)) return
    if (method === 'GET' || method === 'HEAD') handle(exchange)
    else if (method !== 'OPTIONS') sendMethodNotAllowed(exchange, closing)
    // The response to a preflight does not depend on the token, so the token is not checked.
    else if (parsePlaybackRequest(splitToken(target)?.target ?? target) === 404) handle(exchange)
    else sendPreflight(exchange)
  }
}

function createHttp1Server({ idleMs, headMs, bodyMs }: SecureHttpDeadlines, onRequest: RequestListener) {
  const server = createServer(
    {
      keepAliveTimeout: idleMs,
      headersTimeout: headMs,
      requestTimeout: bodyMs,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16_384,
      noDelay: true,
    },
    onRequest,
  )
  server.maxHeadersCount = 100
  return server
}

/**
 * Passes accepted connections to `take` within the limits, and closes the others. The returned counts are
 * live.
 */
function limitConnections(
  listener: Server,
  { maxConnections, maxPerAddress, proxies }: EdgeServerOptions,
  proxied: ProxiedSockets,
  take: (socket: Socket) => void,
): Pick<ConnectionLimit, 'open' | 'refused'> {
  const limit = new ConnectionLimit({ total: maxConnections, perClient: maxPerAddress, proxies })
  listener.on('connection', (socket: Socket) =>
    proxied.take(socket, (socket) => {
      if (limit.screen(socket)) take(socket)
    }),
  )
  return limit
}
