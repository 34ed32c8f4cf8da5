import { createServer } from 'node:http'
import type { Server, Socket } from 'node:net'
import { splitToken } from '../core/playback/media-paths.ts'
import { closeServer, type HealthRequest, type HealthResponse } from '../core/process/http-server.ts'
import type { TlsFiles } from '../core/process/tls-files.ts'
import { createAddressLimit } from './http/address-limit.ts'
import { HotConnection, type HotSide } from './http/connection.ts'
import { connectionListenerOf } from './http/connection-listener.ts'
import type { Exchange } from './http/exchange.ts'
import { httpExchange } from './http/http1-exchange.ts'
import { sendMethodNotAllowed, sendPreflight } from './http/other-methods.ts'
import type { SlowReaders } from './http/slow-clients.ts'
import { createSweeper } from './http/sweeper.ts'
import { wantedOf } from './objects/playback-request.ts'
import { http2Exchange } from './tls/http2-exchange.ts'
import { createSecureFront } from './tls/secure-front.ts'

/** How long an answer that is on its way may take when the server ends, ms. */
const graceMs = 1000

export interface EdgeServerOptions {
  /** Client connections at one time; more are closed as they come. */
  maxConnections: number
  /** The same of one address; 0: no such limit. */
  maxPerAddress: number
  now: () => number
  idleMs?: number
  headMs?: number
  /** HTTPS, with HTTP/2, in the place of HTTP. */
  tls?: TlsFiles | undefined
}

export interface EdgeServerParts {
  /** Answers a GET or HEAD. */
  handle(exchange: Exchange): void
  /** Answers what is not playback: true when it did. */
  answerOther(request: HealthRequest, response: HealthResponse): boolean
  slowReaders: SlowReaders
}

export type EdgeServer = ReturnType<typeof createEdgeServer>

/** What HTTP/1.1 says when the connection goes with the answer. */
const closing = ['connection', 'close'] as const

/**
 * The public server, every wait and size bounded: it has anybody for a client. Each connection starts on the hot path, which hands
 * it to node:http, once and for good, when something other than a plain request of playback comes. With TLS each is HTTP/2 or node:http's.
 */
export function createEdgeServer(
  { handle, answerOther, slowReaders }: EdgeServerParts,
  options: EdgeServerOptions,
) {
  const { maxConnections, maxPerAddress, now, idleMs = 30_000, headMs = 5000 } = options

  function answer(method: string | undefined, exchange: Exchange, ending: readonly string[]) {
    if (method === 'GET' || method === 'HEAD') handle(exchange)
    else if (method !== 'OPTIONS') sendMethodNotAllowed(exchange, ending)
    else if (wantedOf(askedOf(exchange.target)) === 404) handle(exchange)
    else sendPreflight(exchange)
  }

  const http = createServer(
    {
      keepAliveTimeout: idleMs,
      headersTimeout: headMs,
      requestTimeout: 2 * headMs,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16_384,
      noDelay: true,
    },
    (request, response) => {
      // Media first: the paths of health and metrics are never media paths, and asked for once in a second.
      if (!request.url?.startsWith('/live/') && answerOther(request, response)) return
      answer(request.method, httpExchange(request, response, slowReaders), closing)
    },
  )
  http.maxHeadersCount = 100

  const takeByHttp = connectionListenerOf(http)
  let connections = 0
  let refused = 0
  let handedOver = 0
  const side: HotSide = {
    handle,
    slowReaders,
    now,
    idleMs,
    headMs,
    isClosing: false,
    toHttp(socket, unread) {
      handedOver += 1
      takeByHttp(socket)
      socket.unshift(unread)
    },
  }
  const addresses = createAddressLimit(maxPerAddress)
  const hot = createSweeper<HotConnection>(now)

  function takeByHotPath(socket: Socket) {
    const connection = new HotConnection(socket, side)
    const takeOut = hot.add(connection)
    socket.once('close', () => {
      takeOut()
      connection.closed()
    })
  }

  const secure =
    options.tls &&
    createSecureFront({
      files: options.tls,
      toHttp: takeByHttp,
      onRequest(stream, headers, client) {
        const exchange = http2Exchange(stream, headers, client, slowReaders)
        const { target } = exchange
        if (!target.startsWith('/live/') && answerOther({ url: target }, healthResponse(exchange))) return
        answer(headers[':method'], exchange, [])
      },
      now,
      idleMs,
      headMs,
    })
  const listener: Server = secure?.server ?? http
  const take = secure?.take ?? takeByHotPath

  listener.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (connections >= maxConnections || !addresses.enter(address)) {
      refused += 1
      socket.destroy()
      return
    }
    connections += 1
    socket.once('close', () => {
      connections -= 1
      addresses.leave(address)
    })
    take(socket)
  })

  return {
    /** To listen with. */
    listener,
    /** Undefined without TLS. */
    secure,
    get connections() {
      return connections
    },
    /** Connections that left the hot path for node:http. */
    get handedOver() {
      return handedOver
    },
    /** Connections closed as they came, because there, or of their address, were too many. */
    get refused() {
      return refused
    },

    /** No new connections; idle ones go now, others after their answer, or after a moment. */
    async close(): Promise<void> {
      side.isClosing = true
      const closed = secure && new Promise<void>((resolve) => listener.close(() => resolve()))
      for (const connection of hot.members()) connection.finish()
      secure?.finish()
      const timer = setTimeout(() => {
        for (const connection of hot.members()) connection.destroy()
        secure?.destroy()
      }, graceMs)
      await Promise.all([closeServer(http, graceMs), closed])
      clearTimeout(timer)
      secure?.destroy()
      hot.close()
    },
  }
}

/** What is asked for: a preflight is answered alike whatever the token. */
const askedOf = (target: string) => splitToken(target)?.target ?? target

/** Health and metrics over HTTP/2. */
function healthResponse(exchange: Exchange): HealthResponse {
  let [status, fields]: [number, string[]] = [200, []]
  return {
    writeHead(code, headers) {
      status = code
      fields = Object.entries(headers).flat()
    },
    end: (body) => exchange.send(status, fields, exchange.isHead ? null : body),
  }
}
