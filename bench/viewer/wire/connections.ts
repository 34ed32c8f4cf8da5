import { connect, type Socket } from 'node:net'
import type { PendingRequest, ResponseListener, ViewerConnections, ViewerResponse } from './client.ts'
import { joinChunked, readResponseHead } from './response-head.ts'

/** Maximum number of connections that a browser opens to one server with HTTP/1.1. */
const maxConnections = 6
/** Length of the buffer into which all connections of this process read, bytes. */
const readBufferBytes = 1 << 16

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
  const idle: Connection[] = []
  const open = new Set<Connection>()
  const queue: Job[] = []
  let isClosed = false

  function onIdle(connection: Connection) {
    const next = queue.shift()
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
    const opened = new Connection(url, onIdle, onEnd)
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
  /** Buffer for the body when it does not arrive at once, and the number of bytes in the buffer. */
  #body: Buffer | undefined
  #filled = 0
  /** What has arrived of a head, or of a body in chunks. */
  #pending: Buffer | undefined
  #hasEnded = false

  constructor(url: URL, onIdle: (connection: Connection) => void, onEnd: (connection: Connection) => void) {
    this.#onIdle = onIdle
    this.#onEnd = onEnd
    const socket = connect({
      port: Number(url.port),
      host: url.hostname,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length: number) => {
          this.#onRead(readBuffer.subarray(0, length))
          return true
        },
      },
    })
    const onOver = () => this.#end()
    socket.on('error', onOver)
    socket.on('end', onOver)
    socket.on('close', onOver)
    this.#socket = socket
  }

  send(head: string, job: Job): void {
    this.#job = job
    this.#response = undefined
    this.#body = undefined
    this.#pending = undefined
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
    const job = this.#job
    this.#job = undefined
    this.#onEnd(this)
    if (job === undefined || job.isOver) return
    job.isOver = true
    job.listener.onFailure()
  }

  #onRead(arrived: Buffer) {
    if (this.#job === undefined) return
    if (this.#body !== undefined) return this.#fill(this.#body, arrived)
    const bytes = this.#pending === undefined ? arrived : Buffer.concat([this.#pending, arrived])
    const head = readResponseHead(bytes)
    if (head === undefined) {
      // A copy, because the read buffer is used again.
      this.#pending = Buffer.from(bytes)
      return
    }
    const { bodyFrom, bodyBytes } = head
    const firstByteAt = this.#response?.firstByteAt ?? performance.now()
    this.#response = { ...head.response, body: bytes, firstByteAt }
    if (bodyBytes === undefined) return this.#readChunked(bytes, bodyFrom)
    const body = bytes.subarray(bodyFrom)
    if (body.length >= bodyBytes) return this.#finish(this.#response, body.subarray(0, bodyBytes))
    this.#body = Buffer.allocUnsafe(bodyBytes)
    this.#filled = 0
    this.#fill(this.#body, body)
  }

  #fill(body: Buffer, arrived: Buffer) {
    arrived.copy(body, this.#filled)
    this.#filled += arrived.length
    if (this.#filled >= body.length && this.#response !== undefined) this.#finish(this.#response, body)
  }

  /** Keeps head and chunks until the last chunk is there. An edge sends no such bodies. */
  #readChunked(bytes: Buffer, bodyFrom: number) {
    const body = joinChunked(bytes, bodyFrom)
    if (body === undefined) this.#pending = Buffer.from(bytes)
    else if (this.#response !== undefined) this.#finish(this.#response, body)
  }

  #finish(response: ViewerResponse, body: Buffer) {
    const job = this.#job
    if (job === undefined) return
    this.#job = undefined
    this.#pending = undefined
    this.#body = undefined
    response.body = body
    job.isOver = true
    // The connection becomes idle first, because the listener often sends the next request at once.
    this.#onIdle(this)
    job.listener.onResponse(response)
  }
}
