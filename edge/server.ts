import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { closeServer } from '../core/internal-server.ts'
import { tokenPathOf } from './access/token-path.ts'
import { createAddressLimit } from './address-limit.ts'
import type { Exchange } from './exchange.ts'
import { HotConnection, type HotSide } from './hot-connection.ts'
import { httpExchange } from './http-exchange.ts'
import { sendMethodNotAllowed, sendPreflight } from './other-methods.ts'
import { wantedOf } from './policy.ts'
import type { SlowReaders } from './slow-readers.ts'
import { createSweeper } from './sweeper.ts'

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
}

export interface EdgeServerParts {
  /** Answers a GET or HEAD. */
  handle(exchange: Exchange): void
  /** Answers what is not playback: true when it did. */
  answerOther(request: IncomingMessage, response: ServerResponse): boolean
  slowReaders: SlowReaders
}

export type EdgeServer = ReturnType<typeof createEdgeServer>

/**
 * The public server, every wait and size bounded: it has anybody for a client. Each connection starts on the hot path, which hands
 * it to node:http, once and for good, when something other than a plain request of playback comes.
 */
export function createEdgeServer(
  { handle, answerOther, slowReaders }: EdgeServerParts,
  options: EdgeServerOptions,
) {
  const { maxConnections, maxPerAddress, now, idleMs = 30_000, headMs = 5000 } = options
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
      const { method } = request
      if (method === 'GET' || method === 'HEAD') handle(httpExchange(request, response, slowReaders))
      else if (method !== 'OPTIONS') sendMethodNotAllowed(response)
      else if (wantedOf(targetOf(request)) === 404) handle(httpExchange(request, response, slowReaders))
      else sendPreflight(response)
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

  http.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (connections >= maxConnections || !addresses.enter(address)) {
      refused += 1
      socket.destroy()
      return
    }
    connections += 1
    const connection = new HotConnection(socket, side)
    const takeOut = hot.add(connection)
    socket.once('close', () => {
      connections -= 1
      addresses.leave(address)
      takeOut()
      connection.closed()
    })
  })

  return {
    http,
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
      for (const connection of hot.members()) connection.finish()
      const timer = setTimeout(() => {
        for (const connection of hot.members()) connection.destroy()
      }, graceMs)
      await closeServer(http, graceMs)
      clearTimeout(timer)
      hot.close()
    },
  }
}

/** What is asked for: a preflight is answered alike whatever the token. */
const targetOf = ({ url = '' }: IncomingMessage) => tokenPathOf(url)?.target ?? url

/** Takes node:http's own handling of connections out of a server, to be called for those that need it. */
function connectionListenerOf(server: Server): (socket: Socket) => void {
  const [listener] = server.listeners('connection')
  if (listener === undefined) throw new Error('node:http handles no connections')
  server.removeAllListeners('connection')
  return (socket) => void listener.call(server, socket)
}
