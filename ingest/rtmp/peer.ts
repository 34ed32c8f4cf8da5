import type { Socket } from 'node:net'
import { messageOf } from '../../core/process/errors.ts'
import { readShared } from '../../core/process/node-internals.ts'
import type { PublishSink } from '../publish/publish-sink.ts'
import { maxUnsentBytes } from './limits.ts'
import type { Command, Rtmp } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { RtmpProtocol } from './rtmp-protocol.ts'

export interface PeerEvents {
  open(): void
  command(command: Command, streamId: number): void
  /** The peer broke a rule of the protocol or exceeded a bound. The connection must end. */
  broken(reason: ProtocolViolation['reason'], detail: string): void
  /** The socket was closed or failed. May be called several times, also after `hangUp` and `destroy`. */
  lost(detail: string): void
}

/**
 * RTMP over one socket: parses what arrives and writes responses. `RtmpConnection` decides what a command
 * does.
 */
export class RtmpPeer {
  readonly #socket: Socket
  readonly #events: PeerEvents
  readonly #rtmp: RtmpProtocol
  #state: 'handshake' | 'open' | 'ignored' = 'handshake'
  #unreadSince: number | undefined

  constructor(socket: Socket, events: PeerEvents) {
    this.#socket = socket
    this.#events = events
    this.#rtmp = new RtmpProtocol({
      command: (command, streamId) => {
        this.#becomeOpen()
        events.command(command, streamId)
      },
      output: (bytes) => this.#write(bytes),
    })
    socket.setNoDelay(true)
    if (!readShared(socket, (bytes) => this.#read(bytes))) socket.on('data', (bytes) => this.#read(bytes))
    socket.on('end', () => events.lost('connection was closed'))
    socket.on('error', (error) => events.lost(error.message))
    socket.on('close', () => events.lost('connection was closed'))
  }

  get rtmp(): Rtmp {
    return this.#rtmp.responses
  }

  /**
   * Time at which a publisher's audio or video last arrived, ms of the monotonic clock; 0 before the first.
   */
  get lastMediaAt(): number {
    return this.#rtmp.lastMediaAt
  }

  /** Number of messages that were discarded because another one began inside them. */
  get abandonedMessages(): number {
    return this.#rtmp.abandonedMessages
  }

  /** Parses nothing after the current command until `publishTo`. Bytes that have already arrived are kept. */
  hold(): void {
    this.#rtmp.hold()
    this.#socket.pause()
  }

  /** Passes media to `sink` from now on, first what has arrived since `hold`. */
  publishTo(sink: PublishSink): void {
    this.#guard(() => this.#rtmp.publishTo(sink))
    this.#socket.resume()
  }

  /** Ignores media until the next `publishTo`. */
  unpublish(): void {
    this.#rtmp.unpublish()
  }

  /**
   * Sends the remaining responses, then closes. Until the close it reads and ignores what arrives: a socket
   * that is closed with unread bytes is reset, and the peer would lose the last response.
   */
  hangUp(): void {
    this.#ignore()
    this.#socket.resume()
    this.#socket.end()
  }

  /** Closes the socket at once. Responses that were not sent yet are lost. */
  destroy(): void {
    this.#ignore()
    this.#socket.destroy()
  }

  /**
   * Whether responses have waited to be sent for more than `limitMs`. The time counts from the first call
   * that finds some, so this must be called regularly. `now`: ms of the monotonic clock.
   */
  isStuck(now: number, limitMs: number): boolean {
    this.#unreadSince = this.#socket.writableLength > 0 ? (this.#unreadSince ?? now) : undefined
    return this.#unreadSince !== undefined && now - this.#unreadSince > limitMs
  }

  /** Parses bytes. The next read may overwrite their memory. Always returns true, to continue reading. */
  #read(bytes: Buffer): boolean {
    if (this.#state === 'ignored') return true
    this.#guard(() => this.#rtmp.read(bytes, performance.now()))
    if (this.#rtmp.isOpen) this.#becomeOpen()
    return true
  }

  /** Runs a step of the parser and reports its error as `broken`. */
  #guard(parse: () => void) {
    try {
      parse()
    } catch (error) {
      const reason = error instanceof ProtocolViolation ? error.reason : 'protocol_error'
      this.#events.broken(reason, messageOf(error))
    }
  }

  #becomeOpen() {
    if (this.#state !== 'handshake') return
    this.#state = 'open'
    this.#events.open()
  }

  #ignore() {
    this.#state = 'ignored'
    this.#rtmp.stop()
  }

  #write(bytes: Buffer) {
    if (!this.#socket.writable) return
    if (this.#socket.writableLength > maxUnsentBytes)
      this.#socket.destroy(new Error('responses were not read'))
    else this.#socket.write(bytes)
  }
}
