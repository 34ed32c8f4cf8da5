import type { Socket } from 'node:net'
import type { HttpDeadlines } from '../../core/connections/deadlines.ts'
import type { Swept } from '../../core/connections/sweeper.ts'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import { readShared, writeDirectly } from '../../core/process/node-internals.ts'
import { ConnectionRequest, type ResponseWriter } from './connection-request.ts'
import type { Exchange } from './exchange.ts'
import { maxHeadBytes } from './request-head.ts'
import type { Carrier, Sending, SlowClients } from './slow-clients.ts'

/** What a connection needs of its server. */
export interface ConnectionHost {
  handle(exchange: Exchange): void
  /**
   * Hands the connection over to node:http for good. `unread` contains the bytes that were read but not
   * handled.
   */
  handOver(socket: Socket, unread: Buffer): void
  slowClients: Pick<SlowClients, 'watch'>
  /** Proxies whose header fields are trusted to name the client. */
  proxies?: TrustedProxies | undefined
  now(): number
  deadlines: Pick<HttpDeadlines, 'headMs' | 'idleMs'>
  /** Whether the server is closing. Each connection then ends after the response in progress. */
  isClosing: boolean
}

/**
 * Number of buffered bytes of pipelined requests beyond which the socket is paused. Further bytes then stay
 * in the system.
 */
const maxAheadBytes = 2 * maxHeadBytes

/** Number of pipelined requests of a connection that are handled in one turn of the event loop. */
const maxPerTurn = 8

/**
 * `idle`: ready for a request. `responding`: a request is being handled. `draining`: waits until the queue of
 * the stream is empty. `flushing`: waits until the system has taken the rest of a direct write. `yielding`:
 * the next request has been read, and waits for its turn. `ending`: the client sends nothing more. `gone`:
 * closed, or handed over to node:http.
 */
type State = 'idle' | 'responding' | 'draining' | 'flushing' | 'yielding' | 'ending' | 'gone'

/**
 * One connection on the hot path. It handles one plain playback request at a time; anything else hands the
 * whole connection over to node:http. It handles only some pipelined requests in a turn of the event loop, so
 * that they do not hold up other connections.
 */
export class Connection implements ResponseWriter, Carrier, Sending, Swept {
  /**
   * When the connection is closed unless a request comes before, ms of the edge's clock. Requests that wait
   * for an origin, and slow clients, have limits elsewhere.
   */
  deadline: number
  #state: State = 'idle'
  #unread: Buffer | undefined
  #inTurn = 0
  /** Whether the client has ended its side while requests of it were waiting for their turn. */
  #hasEnded = false
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #request: ConnectionRequest
  readonly #onData = (chunk: Buffer) => this.#receive(chunk)
  readonly #onDrain = () => {
    if (this.#state === 'draining') this.#next()
  }
  readonly #onFlushed = () => {
    if (this.#state === 'flushing') this.#next()
  }
  readonly #onEnd = () => this.#end()
  readonly #onTurn = () => {
    this.#inTurn = 0
    this.#readNext()
  }

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket
    this.#host = host
    this.#request = new ConnectionRequest(socket.remoteAddress, this, host.proxies)
    this.deadline = host.now() + host.deadlines.headMs
    socket.on('drain', this.#onDrain).on('end', this.#onEnd).on('error', ignoreError)
    if (!readShared(socket, (bytes) => this.#receiveShared(bytes))) socket.on('data', this.#onData)
  }

  get isGone(): boolean {
    return this.#state === 'gone' || this.#state === 'ending'
  }
  isOverdue(now: number): boolean {
    return this.deadline <= now && (this.#state === 'idle' || this.#state === 'ending')
  }
  get writableFinished(): boolean {
    return this.#state !== 'draining' && this.#state !== 'flushing'
  }
  get destroyed(): boolean {
    return this.#socket.destroyed
  }
  now(): number {
    return this.#host.now()
  }

  /**
   * Receives bytes that are valid only until this method returns. After a handover, a copy of them goes to
   * the stream.
   */
  #receiveShared(bytes: Buffer): boolean {
    if (this.#state === 'gone') return this.#socket.push(Buffer.from(bytes))
    this.#receive(bytes)
    return true
  }

  #receive(chunk: Buffer): void {
    const unread = this.#unread
    const isOwn = unread !== undefined
    if (isOwn) {
      chunk = Buffer.concat([unread, chunk])
      this.#unread = undefined
    }
    if (this.#state === 'idle') this.#readRequest(chunk, isOwn)
    else this.#unread = isOwn ? chunk : Buffer.from(chunk)
    if (this.#state !== 'gone' && (this.#unread?.length ?? 0) > maxAheadBytes) this.#socket.pause()
  }

  /** `isOwn`: whether the bytes stay valid after this method has returned. `end`: where to stop reading. */
  #readRequest(chunk: Buffer, isOwn = false, end = maxHeadBytes): void {
    const length = this.#request.read(chunk.toString('latin1', 0, end))
    if (length === 'unusual') this.#handOver(isOwn ? chunk : Buffer.from(chunk))
    else if (length === 'incomplete') {
      this.deadline = Math.min(this.deadline, this.#host.now() + this.#host.deadlines.headMs)
      this.#unread = isOwn ? chunk : Buffer.from(chunk)
    } else {
      if (length < chunk.length)
        this.#unread = isOwn ? chunk.subarray(length) : Buffer.from(chunk.subarray(length))
      this.#state = 'responding'
      this.#host.handle(this.#request)
    }
  }

  writeWhole(response: Buffer, time: number): void {
    const socket = this.#socket
    const taken = socket.writableLength === 0 ? writeDirectly(socket, response, this.#onFlushed) : 'none'
    this.deadline = time + this.#host.deadlines.idleMs
    if (taken === 'all') this.#next()
    else if (taken === 'broken') this.destroy()
    else if (taken === 'some') this.#waitFor('flushing')
    else {
      socket.write(response)
      this.#written()
    }
  }

  writeParts(
    head: Buffer | string,
    body: Buffer | string | null,
    time: number,
    onSent: (() => void) | undefined,
  ): void {
    const socket = this.#socket
    this.deadline = time + this.#host.deadlines.idleMs
    socket.cork()
    socket.write(head, 'latin1')
    if (body === null) onSent?.()
    else socket.write(body, onSent)
    socket.uncork()
    this.#written()
  }

  /**
   * Continues with the next request, unless the queue of the stream has reached the high-water mark. In that
   * case it waits until the queue is empty.
   */
  #written(): void {
    const { writableLength, writableHighWaterMark } = this.#socket
    if (writableLength < writableHighWaterMark) this.#next()
    else this.#waitFor('draining')
  }

  #waitFor(state: 'draining' | 'flushing'): void {
    this.#state = state
    this.#host.slowClients.watch(this, this)
  }

  #next(): void {
    this.#state = 'idle'
    if (this.#host.isClosing) this.finish()
    else if (this.#unread !== undefined) {
      this.#inTurn += 1
      this.#state = 'yielding'
      if (this.#inTurn < maxPerTurn) this.#readNext()
      else setImmediate(this.#onTurn)
    } else if (this.#hasEnded) this.#end()
  }

  #readNext(): void {
    const unread = this.#unread
    if (this.#state !== 'yielding' || unread === undefined) return
    this.#state = 'idle'
    this.#unread = undefined
    if (unread.length <= maxAheadBytes && this.#socket.isPaused()) this.#socket.resume()
    const end = unread.indexOf('\r\n\r\n')
    this.#readRequest(unread, true, end < 0 ? maxHeadBytes : Math.min(end + 4, maxHeadBytes))
    if (this.#hasEnded && !this.isGone && this.writableFinished) this.#end()
  }

  /**
   * Called when the client sends nothing more. As in node:http, requests that were read before are responded
   * to if that is possible at once, and a response that is not ready is dropped.
   */
  #end(): void {
    this.#hasEnded = true
    if (this.#state === 'yielding') return
    if (this.writableFinished) this.#leave('ending')
    this.#socket.end()
  }

  #leave(state: 'ending' | 'gone'): void {
    this.#state = state
    this.#request.leave()
  }

  #handOver(unread: Buffer): void {
    const socket = this.#socket
    this.#state = 'gone'
    socket.off('data', this.#onData).off('drain', this.#onDrain).off('end', this.#onEnd)
    socket.off('error', ignoreError)
    if (socket.isPaused()) socket.resume()
    this.#host.handOver(socket, unread)
  }

  /** To be called when the socket has closed, so that a waiting request is abandoned. */
  closed(): void {
    this.#leave('gone')
  }

  /** Closes the connection if it is idle. Bytes in the queue of the stream are sent first. */
  finish(): void {
    if (this.#state !== 'idle') return
    if (this.#socket.writableLength === 0) this.#socket.destroy()
    else this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

function ignoreError() {}
