import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { acceptsGzip } from '../../core/mechanisms/accept-gzip.ts'
import { type Form, headerText, isInline, makeReady } from '../objects/representation.ts'
import { writeDirectly } from './direct-writes.ts'
import type { Client, Exchange } from './exchange.ts'
import { longestHead, type RequestHead, readHead } from './request-head.ts'
import { isConditional } from './responses.ts'
import { readShared } from './shared-reads.ts'
import type { Carrier, Sending, SlowReaders } from './slow-clients.ts'

/** What a connection needs of the server it came to. */
export interface HotSide {
  handle(exchange: Exchange): void
  /** Takes the connection over for good, with what was read of it and not answered. */
  toHttp(socket: Socket, unread: Buffer): void
  slowReaders: Pick<SlowReaders, 'watch'>
  now(): number
  /** How long a connection may be silent between requests, and how long a head may take, ms. */
  idleMs: number
  headMs: number
  /** True once the server ends: each connection goes after the answer it waits for. */
  isClosing: boolean
}

/** What came behind a request that is not answered yet, before the rest is left to the system, bytes. */
const mostAhead = 2 * longestHead

/**
 * One connection on the hot path, and the one request on it at a time: the same object serves for all, so that a request that
 * is answered from memory allocates next to nothing. Whatever is not a plain request goes to node:http.
 */
export class HotConnection implements Exchange, Client, RequestHead, Carrier, Sending {
  readonly address: string
  waiting = 0
  viewer: Client['viewer'] = undefined
  ticket: Client['ticket'] = undefined
  isHead = false
  target = ''
  token = ''
  headers: IncomingHttpHeaders = {}
  section = ''
  whole = ''
  takesGzip = false
  isConditional = false
  leave: (() => void) | null = null
  /** `idle`: ready for a request. `asking`: one is being answered. `sending`: the viewer takes its answer slowly. `ending`: the viewer asks for
   * nothing more. `gone`: closed, or node:http's. */
  state: 'idle' | 'asking' | 'sending' | 'ending' | 'gone' = 'idle'
  /** When silence ends it, ms of the edge's clock; waiting for an origin and slow readers are bounded elsewhere. */
  deadline: number
  readonly #socket: Socket
  readonly #side: HotSide
  #unread: Buffer | undefined
  /** Bytes that may still stand in the socket's queue, and those that the system takes past it. */
  #isQueued = false
  #isTaking = false
  readonly #onData = (chunk: Buffer) => this.#take(chunk)
  readonly #onDrain = () => this.#drained()
  readonly #onEnd = () => this.#end()
  readonly #onTaken = () => {
    this.#isTaking = false
    this.#drained()
  }

  constructor(socket: Socket, side: HotSide) {
    this.#socket = socket
    this.#side = side
    this.address = socket.remoteAddress ?? ''
    this.deadline = side.now() + side.headMs
    socket.on('drain', this.#onDrain).on('end', this.#onEnd).on('error', noop)
    if (!readShared(socket, (bytes) => this.#hear(bytes))) socket.on('data', this.#onData)
  }

  get client(): Client {
    return this
  }
  get isOver(): boolean {
    return this.state === 'gone' || this.state === 'ending'
  }
  get isIdle(): boolean {
    return this.state === 'idle' || this.state === 'ending'
  }
  get writableFinished(): boolean {
    return this.state !== 'sending'
  }
  get writableLength(): number {
    return this.#socket.writableLength + Number(this.#isTaking)
  }
  get destroyed(): boolean {
    return this.#socket.destroyed
  }

  /** Takes bytes that are only there until this returns. */
  #hear(bytes: Buffer): boolean {
    if (this.state === 'gone') return this.#socket.push(Buffer.from(bytes))
    this.#take(bytes)
    return true
  }

  #take(chunk: Buffer): void {
    const unread = this.#unread
    if (unread !== undefined) {
      chunk = Buffer.concat([unread, chunk])
      this.#unread = undefined
    }
    if (this.state === 'idle') this.#read(chunk)
    else {
      this.#unread = Buffer.from(chunk)
      if (chunk.length > mostAhead) this.#socket.pause()
    }
  }

  #read(chunk: Buffer): void {
    const { headers } = this
    const length = readHead(chunk.toString('latin1', 0, longestHead), this)
    if (length === chunk.length) {
      if (headers !== this.headers) {
        this.takesGzip = acceptsGzip(this.headers['accept-encoding'])
        this.isConditional = isConditional(this.headers)
      }
      this.state = 'asking'
      this.#side.handle(this)
    } else if (length === 'incomplete') {
      this.deadline = Math.min(this.deadline, this.#side.now() + this.#side.headMs)
      this.#unread = Buffer.from(chunk)
    } else this.#handOver(Buffer.from(chunk))
  }

  sendForm(form: Form, madeAt: number, time: number, onSent?: () => void): void {
    if (this.isOver) {
      onSent?.()
      return
    }
    if (time >= form.readyUntil) makeReady(form, madeAt, time)
    const socket = this.#socket
    if (this.isHead) {
      socket.write(form.ready.subarray(0, form.readyHead))
      onSent?.()
    } else if (isInline(form)) {
      this.#sendAtOnce(form.ready, time)
      return
    } else {
      socket.cork()
      socket.write(form.ready)
      socket.write(form.body, onSent)
      socket.uncork()
    }
    this.#sent(time)
  }

  send(status: number, headers: readonly string[], body: Buffer | string | null, onSent?: () => void): void {
    if (this.isOver) {
      onSent?.()
      return
    }
    const socket = this.#socket
    const date = new Date().toUTCString()
    socket.cork()
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headerText(headers)}date: ${date}\r\n\r\n`,
      'latin1',
    )
    if (body !== null) socket.write(body, onSent)
    else onSent?.()
    socket.uncork()
    this.#sent(this.#side.now())
  }

  #sendAtOnce(answer: Buffer, time: number): void {
    const socket = this.#socket
    const isFree = !this.#isQueued || socket.writableLength === 0
    const taken = isFree ? writeDirectly(socket, answer, this.#onTaken) : 'none'
    if (taken === 'all') {
      this.#isQueued = false
      this.deadline = time + this.#side.idleMs
      this.#next()
    } else if (taken === 'broken') this.destroy()
    else {
      if (taken === 'none') socket.write(answer)
      this.#isTaking = taken === 'some'
      this.#sent(time)
    }
  }

  /** Goes on with the connection when the system took the answer, or all but little of it. */
  #sent(time: number): void {
    const { writableLength, writableHighWaterMark } = this.#socket
    this.deadline = time + this.#side.idleMs
    this.#isQueued = writableLength > 0
    if (writableLength < writableHighWaterMark && !this.#isTaking) this.#next()
    else {
      this.state = 'sending'
      this.#side.slowReaders.watch(this, this)
    }
  }

  #drained(): void {
    if (this.state === 'sending') this.#next()
  }

  #next(): void {
    this.state = 'idle'
    const unread = this.#unread
    if (this.#side.isClosing) this.finish()
    else if (unread !== undefined) {
      this.#unread = undefined
      if (this.#socket.isPaused()) this.#socket.resume()
      this.#read(unread)
    }
  }

  /** The viewer will send nothing more: as node:http does, what they still wait for is left. */
  #end(): void {
    if (this.state !== 'sending') this.#leave('ending')
    this.#socket.end()
  }

  #leave(state: 'ending' | 'gone'): void {
    this.state = state
    this.leave?.()
    this.leave = null
  }

  #handOver(unread: Buffer): void {
    const socket = this.#socket
    this.state = 'gone'
    socket.off('data', this.#onData).off('drain', this.#onDrain).off('end', this.#onEnd).off('error', noop)
    this.#side.toHttp(socket, unread)
  }

  /** To be called when the socket is closed. */
  closed(): void {
    this.#leave('gone')
  }

  /** Ends a connection that nothing is owed, but for bytes that are on their way. */
  finish(): void {
    if (this.state !== 'idle') return
    if (this.#socket.writableLength === 0) this.#socket.destroy()
    else this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

function noop() {}
