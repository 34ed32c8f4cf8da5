import type { Socket } from 'node:net'
import { messageOf } from '../../core/process/errors.ts'
import type { PublishSink } from '../publish/publish-sink.ts'
import { maxUnsentBytes, writeTimeoutMs } from './limits.ts'
import type { Command, Rtmp } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { RtmpProtocol } from './rtmp-protocol.ts'

export interface PeerEvents {
  open(): void
  command(command: Command, streamId: number): void
  /** The peer broke a rule of the protocol or exceeded a bound. The connection must end. */
  broken(reason: ProtocolViolation['reason'], detail: string): void
  /** The socket failed, or one of the two sides closed it. May be called several times. */
  lost(detail: string): void
}

/** One socket that speaks RTMP: messages in, responses out. `RtmpConnection` handles the commands. */
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
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    socket.on('end', () => events.lost('connection was closed'))
    socket.on('error', (error) => events.lost(error.message))
    socket.on('close', () => events.lost('connection was closed'))
  }

  get rtmp(): Rtmp {
    return this.#rtmp.responses
  }

  /** Time at which video or audio last arrived, ms of the monotonic clock; 0 when none has arrived. */
  get lastMediaAt(): number {
    return this.#rtmp.lastMediaAt
  }

  /** Number of messages that the publisher began and did not complete. */
  get abandonedMessages(): number {
    return this.#rtmp.abandonedMessages
  }

  /** Parses nothing after the current command until `publishTo`. Bytes that have already arrived are kept. */
  hold(): void {
    this.#rtmp.hold()
    this.#socket.pause()
  }

  /** Passes media to `sink` from now on, first what arrived together with the publish command. */
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
   * Whether the peer has left responses unread for more than `writeTimeoutMs`, counted from the first call
   * that found any. Must be called regularly.
   */
  isStuck(now: number): boolean {
    this.#unreadSince = this.#socket.writableLength > 0 ? (this.#unreadSince ?? now) : undefined
    return this.#unreadSince !== undefined && now - this.#unreadSince > writeTimeoutMs
  }

  #read(bytes: Buffer) {
    if (this.#state === 'ignored') return
    this.#guard(() => this.#rtmp.read(bytes, performance.now()))
    if (this.#rtmp.isOpen) this.#becomeOpen()
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
