import { connect, type Socket } from 'node:net'
import { giveBuffer, takeBuffer } from './body-buffers.ts'
import type { PendingRequest, ResponseListener, ViewerConnections, ViewerResponse } from './client.ts'
import { joinChunked, readResponseHead } from './response-head.ts'

/** Maximum number of connections that a browser opens to one server with HTTP/1.1. */
const maxConnections = 6
/** Length of the buffer into which all connections of this process read, bytes. */
const readBufferBytes = 1 << 18

/** Memory of all connections: what arrives is handled before the next read begins. */
const readBuffer = Buffer.allocUnsafeSlow(readBufferBytes)

export interface ConnectionOptions {
  url: URL
  userAgent: string
  /** Called when the server refuses or ends a connection that the viewer did not give up. */
  onDrop(): void
}

interface Job extends PendingRequest {
  target: string
  listener: ResponseListener
  connection: Connection | undefined
  isOver: boolean
}

/**
 * Opens HTTP/1.1 connections as a browser does: another one when all are busy, up to six. Further requests
 * wait in order. It does as little as possible, so that one core bears thousands of viewers.
 */
export function createConnections({ url, userAgent, onDrop }: ConnectionOptions): ViewerConnections {
  const tail = ` HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: ${userAgent}\r\n\r\n`
  const server = { host: url.hostname, port: Number(url.port) }
  const idle: Connection[] = []
  const open = new Set<Connection>()
  const queue: Job[] = []
  let isClosed = false

  function onIdle(connection: Connection) {
    const next = queue.length === 0 ? undefined : queue.shift()
    if (next === undefined) idle.push(connection)
    else start(next, connection)
  }
  function onEnd(connection: Connection) {
    open.delete(connection)
    const at = idle.indexOf(connection)
    if (at >= 0) idle.splice(at, 1)
    if (isClosed) return
    if (!connection.isGivenUp) onDrop()
    const next = queue.shift()
    if (next !== undefined) begin(next)
  }
  function start(job: Job, connection: Connection) {
    job.connection = connection
    connection.send(`GET ${job.target}${tail}`, job)
  }
  function begin(job: Job) {
    const connection = idle.pop()
    if (connection !== undefined) return start(job, connection)
    if (open.size >= maxConnections) return void queue.push(job)
    const opened = new Connection(server, onIdle, onEnd)
    open.add(opened)
    start(job, opened)
  }

  return {
    request(target, listener) {
      const job: Job = {
        target,
        listener,
        connection: undefined,
        isOver: false,
        abort() {
          if (job.isOver) return
          job.isOver = true
          if (job.connection !== undefined) job.connection.giveUp()
          else queue.splice(queue.indexOf(job), 1)
        },
      }
      if (!isClosed) begin(job)
      return job
    },
    close() {
      isClosed = true
      queue.length = 0
      for (const connection of open) connection.giveUp()
    },
  }
}

/** A keep-alive connection with one request at a time. */
class Connection {
  isGivenUp = false
  readonly #socket: Socket
  readonly #onIdle: (connection: Connection) => void
  readonly #onEnd: (connection: Connection) => void
  #job: Job | undefined
  #response: ViewerResponse | undefined
  /** Buffer for the body when it does not arrive at once, length of the body, and number of bytes so far. */
  #buffer: Buffer | undefined
  #bodyBytes = 0
  #filled = 0
  /** What has arrived of a head, or of a body in chunks. */
  #pending: Buffer | undefined
  /** When the first byte of the response arrived; 0 before. */
  #firstByteAt = 0
  #hasEnded = false

  constructor(
    server: { host: string; port: number },
    onIdle: (connection: Connection) => void,
    onEnd: (connection: Connection) => void,
  ) {
    this.#onIdle = onIdle
    this.#onEnd = onEnd
    const callback = (length: number) => {
      this.#onRead(length)
      return true
    }
    const socket = connect({ ...server, noDelay: true, onread: { buffer: readBuffer, callback } })
    const onOver = () => this.#end()
    socket.on('error', onOver)
    socket.on('end', onOver)
    socket.on('close', onOver)
    this.#socket = socket
  }

  send(head: string, job: Job): void {
    this.#job = job
    this.#firstByteAt = 0
    this.#socket.write(head, 'latin1')
  }

  giveUp(): void {
    this.isGivenUp = true
    this.#job = undefined
    this.#socket.destroy()
    this.#end()
  }

  #end() {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#socket.destroy()
    this.#dropBuffer()
    const job = this.#job
    this.#job = undefined
    this.#onEnd(this)
    if (job === undefined || job.isOver) return
    job.isOver = true
    job.listener.onFailure()
  }

  /** Handles the first `length` bytes of the read buffer. */
  #onRead(length: number) {
    if (this.#job === undefined) return
    if (this.#buffer !== undefined) return this.#fill(this.#buffer, length)
    if (this.#firstByteAt === 0) this.#firstByteAt = performance.now()
    if (this.#pending === undefined) return this.#begin(readBuffer, length)
    const bytes = Buffer.concat([this.#pending, readBuffer.subarray(0, length)])
    this.#pending = undefined
    this.#begin(bytes, bytes.length)
  }

  /** Handles the start of a response: all that has arrived of it is in the first `length` bytes. */
  #begin(bytes: Buffer, length: number) {
    const head = readResponseHead(bytes, length)
    if (head === undefined) return this.#keep(bytes, length)
    const { status, ageSeconds, retryAfterSeconds, bodyFrom, bodyBytes } = head
    const firstByteAt = this.#firstByteAt
    const response = { status, body: bytes, ageSeconds, retryAfterSeconds, firstByteAt }
    if (bodyBytes === undefined) {
      // Head and chunks are kept until the last chunk is there. An edge sends no such bodies.
      const body = joinChunked(bytes.subarray(0, length), bodyFrom)
      return body === undefined ? this.#keep(bytes, length) : this.#finish(response, body)
    }
    const bodyEnd = bodyFrom + bodyBytes
    if (bodyEnd <= length) return this.#finish(response, bytes.subarray(bodyFrom, bodyEnd))
    this.#response = response
    this.#bodyBytes = bodyBytes
    this.#filled = length - bodyFrom
    this.#buffer = takeBuffer(bodyBytes)
    bytes.copy(this.#buffer, 0, bodyFrom, length)
  }

  /** Keeps what has arrived: a copy, because the read buffer is used again. */
  #keep(bytes: Buffer, length: number) {
    this.#pending = Buffer.from(bytes.subarray(0, length))
  }

  #fill(buffer: Buffer, length: number) {
    readBuffer.copy(buffer, this.#filled, 0, Math.min(length, this.#bodyBytes - this.#filled))
    this.#filled += length
    if (this.#filled < this.#bodyBytes || this.#response === undefined) return
    const body = buffer.subarray(0, this.#bodyBytes)
    this.#buffer = undefined
    this.#finish(this.#response, body)
    giveBuffer(buffer)
  }

  #dropBuffer() {
    if (this.#buffer !== undefined) giveBuffer(this.#buffer)
    this.#buffer = undefined
  }

  #finish(response: ViewerResponse, body: Buffer) {
    const job = this.#job
    if (job === undefined) return
    this.#job = undefined
    this.#response = undefined
    response.body = body
    job.isOver = true
    // The connection becomes idle first, because the listener often sends the next request at once.
    this.#onIdle(this)
    job.listener.onResponse(response)
  }
}
