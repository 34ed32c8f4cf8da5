import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import { acceptsGzip } from '../../core/mechanisms/accept-gzip.ts'
import { headerLines, isInline, makeReady, type Representation } from '../objects/representation.ts'
import { isConditional } from './conditions.ts'
import { type Client, clientBehind, type Exchange, newClient } from './exchange.ts'
import { type HeadLength, type RequestHead, readHead } from './request-head.ts'

/** Methods of a connection by which its request is responded to. `time`: ms of the edge's clock. */
export interface ResponseWriter {
  readonly isGone: boolean
  now(): number
  /** Writes a response whose head and body are in one buffer. */
  writeWhole(response: Buffer, time: number): void
  /**
   * Writes head and body one after the other; null: no body. `onSent` is called when the body is no longer
   * needed.
   */
  writeParts(
    head: Buffer | string,
    body: Buffer | string | null,
    time: number,
    onSent: (() => void) | undefined,
  ): void
}

/**
 * The request that a connection of the hot path is handling. One object serves all requests of the
 * connection, so that a response from memory allocates next to nothing.
 */
export class ConnectionRequest implements Exchange, RequestHead {
  client: Client
  isHead = false
  target = ''
  token = ''
  headers: IncomingHttpHeaders = {}
  section = ''
  whole = ''
  takesGzip = false
  isConditional = false
  onLeave: (() => void) | null = null
  readonly #writer: ResponseWriter
  /**
   * The peer if it is a trusted proxy, whose requests may come from different clients; otherwise undefined.
   */
  readonly #proxy: { peer: Client; proxies: TrustedProxies } | undefined

  constructor(address: string | undefined, writer: ResponseWriter, proxies?: TrustedProxies) {
    this.client = newClient(address)
    this.#writer = writer
    this.#proxy = proxies?.trusts(address) ? { peer: this.client, proxies } : undefined
  }

  get isGone(): boolean {
    return this.#writer.isGone
  }

  /**
   * Reads the next request from the start of `text` (latin1) and returns its length. `takesGzip`,
   * `isConditional` and `client` are derived again only when the header fields have changed.
   */
  read(text: string): HeadLength {
    const previous = this.headers
    const length = readHead(text, this)
    if (this.headers !== previous) {
      this.takesGzip = acceptsGzip(this.headers['accept-encoding'])
      this.isConditional = isConditional(this.headers)
      if (this.#proxy !== undefined)
        this.client = clientBehind(this.#proxy.peer, this.headers, this.#proxy.proxies, this.client)
    }
    return length
  }

  /** To be called when the client has left. Calls `onLeave` once. */
  leave(): void {
    this.onLeave?.()
    this.onLeave = null
  }

  sendRepresentation(
    representation: Representation,
    madeAt: number,
    time: number,
    onSent?: () => void,
  ): void {
    if (this.isGone) {
      onSent?.()
      return
    }
    if (time >= representation.readyUntil) makeReady(representation, madeAt, time)
    const { ready, body } = representation
    if (this.isHead) this.#writer.writeParts(ready.subarray(0, representation.readyHead), null, time, onSent)
    else if (isInline(representation)) this.#writer.writeWhole(ready, time)
    else this.#writer.writeParts(ready, body, time, onSent)
  }

  send(status: number, headers: readonly string[], body: Buffer | string | null, onSent?: () => void): void {
    if (this.isGone) {
      onSent?.()
      return
    }
    const date = new Date().toUTCString()
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headerLines(headers)}date: ${date}\r\n\r\n`
    this.#writer.writeParts(head, body, this.#writer.now(), onSent)
  }
}
