import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { HttpDeadlines } from '../../core/connections/deadlines.ts'
import { type Client, newClient } from '../http/exchange.ts'

/** What an HTTP/2 connection needs of its server. */
export interface Http2Host {
  /** Must respond to the stream or close it. */
  onRequest(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, client: Client): void
  now(): number
  deadlines: Pick<HttpDeadlines, 'headMs' | 'idleMs'>
}

/**
 * Maximum number of concurrent requests of a connection. A player has a few, and all pages of a browser share
 * one connection.
 */
const maxStreams = 100

/** Limits for one connection, enforced by Node.js. */
const sessionOptions: ServerOptions = {
  settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: 16_384, enablePush: false },
  maxHeaderListPairs: 100,
  /** Maximum memory of a connection, MB. */
  maxSessionMemory: 2,
  maxSettings: 16,
  maxSessionInvalidFrames: 20,
  maxSessionRejectedStreams: 50,
  /**
   * Maximum number of requests that may be cancelled at once, and per second after that. Players cancel
   * requests when they change quality; attackers cancel a great many.
   */
  streamResetBurst: 200,
  streamResetRate: 20,
}

/**
 * Bytes that a connection may send for each new request, and per second for anything else (windows,
 * acknowledgements, pings). Viewers send little but requests, so these limits detect floods of other frames
 * (PING, SETTINGS, PRIORITY, CONTINUATION, empty DATA).
 */
const bytesPerRequest = 16_384
const otherBytesPerSecond = 262_144

/** An HTTP/2 connection with limits on its requests, memory, idle time and traffic. */
export class Http2Connection {
  readonly #session: ServerHttp2Session
  readonly #socket: TLSSocket
  readonly #host: Http2Host
  #openStreams = 0
  /** `#requests`: requests since the last check. `#bytes`: total bytes received until the last check. */
  #requests = 0
  #bytes = 0
  #deadline: number

  constructor(socket: TLSSocket, host: Http2Host) {
    this.#socket = socket
    this.#host = host
    this.#deadline = host.now() + host.deadlines.headMs
    const client = newClient(socket.remoteAddress, {
      maxWaiting: maxStreams,
      localAddress: socket.localAddress,
    })
    this.#session = performServerHandshake(socket, sessionOptions)
    this.#session.on('error', ignoreError)
    this.#session.on('stream', (stream, headers) => {
      this.#openStreams += 1
      this.#requests += 1
      stream.on('error', ignoreError)
      stream.once('close', () => {
        this.#openStreams -= 1
        this.#deadline = host.now() + host.deadlines.idleMs
      })
      host.onRequest(stream, headers, client)
    })
  }

  /**
   * Ends the connection when it has had no request for too long, or when it floods the server; returns
   * `flood` in the second case. To be called once a second, because the byte limits are per second.
   */
  check(): 'flood' | undefined {
    const { bytesRead } = this.#socket
    const allowed = otherBytesPerSecond + this.#requests * bytesPerRequest
    const isFlood = bytesRead - this.#bytes > allowed
    this.#bytes = bytesRead
    this.#requests = 0
    if (isFlood) this.#session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)
    else if (this.#openStreams === 0 && this.#deadline <= this.#host.now()) this.destroy()
    return isFlood ? 'flood' : undefined
  }

  /** Refuses further requests (GOAWAY), and closes the connection after the last response. */
  finish(): void {
    this.#session.close()
  }

  /**
   * Closes the connection at once. The session alone would wait for a client that does not read, or that
   * never closes its side.
   */
  destroy(): void {
    this.#session.destroy()
    this.#socket.destroy()
  }
}

function ignoreError() {}
