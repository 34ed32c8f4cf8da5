import { createServer, type RequestListener } from 'node:http'
import type { Server, Socket } from 'node:net'
import { KeyedCount } from '../core/mechanisms/keyed-count.ts'
import { playbackPrefix, splitToken } from '../core/playback/media-paths.ts'
import { closeServer } from '../core/process/http-server.ts'
import { connectionListenerOf } from '../core/process/node-internals.ts'
import type { TlsFiles } from '../core/process/tls-files.ts'
import type { Exchange } from './http/exchange.ts'
import { createHotPath } from './http/hot-path.ts'
import { http1Exchange } from './http/http1-exchange.ts'
import { sendMethodNotAllowed, sendPreflight } from './http/responses.ts'
import { createSlowClients } from './http/slow-clients.ts'
import { parsePlaybackRequest } from './objects/playback-request.ts'
import { http2Exchange } from './tls/http2-exchange.ts'
import { createSecureFront } from './tls/secure-front.ts'

/** Time to finish responses in progress when the server closes, ms. */
const graceMs = 1000

/** Header fields that close an HTTP/1.1 connection after the response. */
const closingFields = ['connection', 'close'] as const

export interface EdgeServerOptions {
  /** Maximum number of client connections; more are closed on arrival. */
  maxConnections: number
  /** Maximum number of connections per address; 0 for no limit. */
  maxPerAddress: number
  now: () => number
  /** Maximum time that a connection is silent between requests, ms. */
  idleMs?: number
  /** Maximum time that a request head takes to arrive, ms. */
  headMs?: number
  /** Maximum time from sending a response until it has left the process, ms. */
  responseMs?: number
  /** Files for HTTPS with HTTP/2; without them the server speaks plain HTTP. */
  tls?: TlsFiles | undefined
}

export interface EdgeHandlers {
  /** Responds to a GET or HEAD request, and refuses an OPTIONS request for an unknown path. */
  handle(exchange: Exchange): void
  /** Responds to a request outside of playback. Returns false when there is no such resource. */
  handleOther(exchange: Exchange, method: string | undefined): boolean
}

export type EdgeServer = ReturnType<typeof createEdgeServer>

/**
 * Creates the public server. Waits and sizes are bounded, because any client may connect. Without TLS, each
 * connection starts on the hot path, which hands it over to node:http when anything but a plain playback
 * request comes. With TLS, a connection belongs to HTTP/2 or node:http from the start.
 */
export function createEdgeServer(handlers: EdgeHandlers, options: EdgeServerOptions) {
  const { now, idleMs = 30_000, headMs = 5000, responseMs = 30_000 } = options
  const slowClients = createSlowClients(responseMs, now)
  const respond = dispatchTo(handlers)
  const timing = { now, idleMs, headMs }
  const http1 = createHttp1Server(timing, (request, response) =>
    respond(request.method, http1Exchange(request, response, slowClients), closingFields),
  )
  const takeByHttp1 = connectionListenerOf(http1)
  const hotPath = createHotPath({
    ...timing,
    handle: handlers.handle,
    slowClients,
    handOver(socket, unread) {
      takeByHttp1(socket)
      socket.unshift(unread)
    },
  })
  const secure =
    options.tls &&
    createSecureFront({
      ...timing,
      files: options.tls,
      toHttp1: takeByHttp1,
      onRequest: (stream, headers, client) =>
        respond(headers[':method'], http2Exchange(stream, headers, client, slowClients), []),
    })
  const listener: Server = secure?.server ?? http1
  const connections = limitConnections(listener, options, secure?.take ?? hotPath.take)

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
     * Accepts no more connections. Idle ones end now, others after their response or a grace period. Resolves
     * when all have ended.
     */
    async close(): Promise<void> {
      const closed = secure && new Promise<void>((resolve) => listener.close(() => resolve()))
      hotPath.finish()
      secure?.finish()
      const timer = setTimeout(() => {
        hotPath.destroy()
        secure?.destroy()
      }, graceMs)
      await Promise.all([closeServer(http1, graceMs), closed])
      clearTimeout(timer)
      secure?.destroy()
      hotPath.close()
      slowClients.close()
    },
  }
}

/** Returns a function that passes a request to its handler, or refuses it, by path and method. */
function dispatchTo({ handle, handleOther }: EdgeHandlers) {
  return (method: string | undefined, exchange: Exchange, closing: readonly string[]) => {
    const { target } = exchange
    if (!target.startsWith(playbackPrefix) && handleOther(exchange, method)) return
    if (method === 'GET' || method === 'HEAD') handle(exchange)
    else if (method !== 'OPTIONS') sendMethodNotAllowed(exchange, closing)
    // The response to a preflight does not depend on the token, which therefore is not checked.
    else if (parsePlaybackRequest(splitToken(target)?.target ?? target) === 404) handle(exchange)
    else sendPreflight(exchange)
  }
}

function createHttp1Server(timing: { idleMs: number; headMs: number }, onRequest: RequestListener) {
  const server = createServer(
    {
      keepAliveTimeout: timing.idleMs,
      headersTimeout: timing.headMs,
      requestTimeout: 2 * timing.headMs,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16_384,
      noDelay: true,
    },
    onRequest,
  )
  server.maxHeadersCount = 100
  return server
}

/** Passes accepted connections to `take` within the limits and closes the others. Returns live counts. */
function limitConnections(
  listener: Server,
  { maxConnections, maxPerAddress }: EdgeServerOptions,
  take: (socket: Socket) => void,
) {
  const addresses = new KeyedCount(maxPerAddress)
  const counts = {
    /** Number of connections that are open now. */
    open: 0,
    /** Number of connections closed on arrival since the start. */
    refused: 0,
  }
  listener.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (counts.open >= maxConnections || !addresses.enter(address)) {
      counts.refused += 1
      socket.destroy()
      return
    }
    counts.open += 1
    socket.once('close', () => {
      counts.open -= 1
      addresses.leave(address)
    })
    take(socket)
  })
  return counts as Readonly<typeof counts>
}
