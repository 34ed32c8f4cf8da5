import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpDeadlines } from './deadlines.ts'
import { createSweeper, type Swept } from './sweeper.ts'

/** A request and its response, from the head until the response has ended. */
interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  startedAt: number
}

/**
 * One connection of node:http, with deadlines of its own. The timeouts of node:http begin again with every
 * byte that arrives between requests, and none of them applies to a client that does not read.
 */
class GuardedConnection implements Swept {
  readonly #socket: Socket
  readonly #deadlines: HttpDeadlines
  /** Requests without a complete response, the first one in front. Clients may send several at once. */
  readonly #exchanges: Exchange[] = []
  /**
   * Deadline for the head of the next request, ms of the guard's clock. Not used while a request is open.
   */
  #requestBy: number
  /** Number of bytes that had left the process at the last check, and when the client last read, ms. */
  #sent = 0
  #readAt = 0

  constructor(socket: Socket, deadlines: HttpDeadlines, now: number) {
    this.#socket = socket
    this.#deadlines = deadlines
    this.#requestBy = now + deadlines.headMs
  }

  get isIdle(): boolean {
    return this.#exchanges.length === 0
  }

  begin(exchange: Exchange, now: () => number): void {
    if (this.isIdle) this.#readAt = exchange.startedAt
    this.#exchanges.push(exchange)
    exchange.response.once('close', () => {
      this.#exchanges.splice(this.#exchanges.indexOf(exchange), 1)
      this.#readAt = now()
      this.#requestBy = this.#readAt + this.#deadlines.idleMs
    })
  }

  isOverdue(now: number): boolean {
    const [first] = this.#exchanges
    // Only the newest request can be incomplete: node:http parses one request after the other.
    const last = this.#exchanges.at(-1)
    if (first === undefined || last === undefined) return now >= this.#requestBy
    if (!last.request.complete && now - last.startedAt >= this.#deadlines.bodyMs) return true
    return this.#isUnread(first.response, now)
  }

  /**
   * Whether the client has not read the response for too long. The time counts from the last byte that left,
   * because a response may be endless; once the response has ended, from its end.
   */
  #isUnread(response: ServerResponse, now: number): boolean {
    const { bytesWritten, writableLength } = this.#socket
    const sent = bytesWritten - writableLength
    if (!response.writableEnded && (writableLength === 0 || sent !== this.#sent)) this.#readAt = now
    this.#sent = sent
    return now - this.#readAt >= this.#deadlines.responseMs
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/**
 * Ends connections of a server of node:http that miss their deadlines, whatever bytes they send. `now` is a
 * clock in ms.
 */
export function createHttpGuard(
  server: Server,
  deadlines: HttpDeadlines,
  now: () => number = () => performance.now(),
) {
  const sweeper = createSweeper<GuardedConnection>(now)
  const bySocket = new WeakMap<Socket, GuardedConnection>()
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    bySocket.get(request.socket)?.begin({ request, response, startedAt: now() }, now)
  })

  return {
    /** Guards a connection from now on. Callers do this before node:http gets the connection. */
    take(socket: Socket): void {
      const connection = new GuardedConnection(socket, deadlines, now())
      bySocket.set(socket, connection)
      socket.once('close', sweeper.add(connection))
    },
    /** Closes the connections without a request. */
    closeIdle(): void {
      for (const connection of sweeper.members()) if (connection.isIdle) connection.destroy()
    },
    close: sweeper.close,
  }
}

/** Ends connections of a server that miss their deadlines, until the server has closed. */
export function guardServer(server: Server, deadlines: HttpDeadlines): void {
  const guard = createHttpGuard(server, deadlines)
  server.prependListener('connection', guard.take)
  server.once('close', guard.close)
}
