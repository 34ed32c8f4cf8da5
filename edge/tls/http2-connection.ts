import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { Client } from '../http/exchange.ts'

export interface Http2Side {
  /** Answers a request; every stream gets an answer or is closed. */
  onRequest(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, client: Client): void
  now(): number
  /** How long a connection may be without a request, and how long until the first, ms. */
  idleMs: number
  headMs: number
}

/** Requests of one connection at a time: a player has about five, all the pages of a browser share one connection. */
const mostStreams = 100

/** Bounds of what one connection may cost; node closes it beyond them. */
const sessionOptions: ServerOptions = {
  settings: { maxConcurrentStreams: mostStreams, maxHeaderListSize: 16_384, enablePush: false },
  maxHeaderListPairs: 100,
  /** MB, of frames and fields that wait for something. */
  maxSessionMemory: 2,
  maxSettings: 16,
  maxSessionInvalidFrames: 20,
  maxSessionRejectedStreams: 50,
  /** Requests that may be taken back at once, and in each second: players do so when they change quality, attackers all the time. */
  streamResetBurst: 200,
  streamResetRate: 20,
}

/**
 * A viewer's connection sends requests and next to nothing else. What it may send in a second: so much for each new request, and so much for
 * windows, acknowledgements and pings, bytes. Floods of frames that ask for nothing (PING, SETTINGS, PRIORITY, CONTINUATION, empty DATA)
 * all end here.
 */
const [bytesForEach, bytesBeside] = [16_384, 262_144]

/** One connection of HTTP/2, looked at once a second. */
export class Http2Connection {
  readonly #session: ServerHttp2Session
  readonly #socket: TLSSocket
  readonly #side: Http2Side
  #open = 0
  #requests = 0
  #bytes = 0
  #deadline: number

  constructor(socket: TLSSocket, side: Http2Side) {
    this.#socket = socket
    this.#side = side
    this.#deadline = side.now() + side.headMs
    const client: Client = {
      address: socket.remoteAddress ?? '',
      waiting: 0,
      viewer: undefined,
      ticket: undefined,
      mostWaiting: mostStreams,
    }
    this.#session = performServerHandshake(socket, sessionOptions)
    this.#session.on('error', noop)
    this.#session.on('stream', (stream, headers) => {
      this.#open += 1
      this.#requests += 1
      stream.on('error', noop)
      stream.once('close', () => {
        this.#open -= 1
        this.#deadline = side.now() + side.idleMs
      })
      side.onRequest(stream, headers, client)
    })
  }

  /** Ends it when it was silent for too long, or sends what no viewer does; `flood` in that case. */
  look(): 'flood' | undefined {
    const { bytesRead } = this.#socket
    const allowed = bytesBeside + this.#requests * bytesForEach
    const isFlood = bytesRead - this.#bytes > allowed
    this.#bytes = bytesRead
    this.#requests = 0
    if (isFlood) this.#session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)
    else if (this.#open === 0 && this.#deadline <= this.#side.now()) this.destroy()
    return isFlood ? 'flood' : undefined
  }

  /** Takes no new requests (GOAWAY), and ends with the last answer. */
  finish(): void {
    this.#session.close()
  }

  destroy(): void {
    this.#session.destroy()
  }
}

function noop() {}
