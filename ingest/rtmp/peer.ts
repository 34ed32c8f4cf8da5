import type { Socket } from 'node:net'
import { messageOf } from '../../core/process/errors.ts'
import type { PublishSink } from '../publish/publish-sink.ts'
import { GuardedRtmp } from './guarded-rtmp.ts'
import { maxUnsentBytes, writeTimeoutMs } from './limits.ts'
import type { Command, Rtmp } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'

export interface PeerEvents {
  /** The handshake is complete. */
  open(): void
  command(command: Command, streamId: number): void
  /** The peer broke a rule or a bound. */
  broken(reason: ProtocolViolation['reason'], detail: string): void
  /** The connection was lost. */
  lost(detail: string): void
}

/**
 * A socket that speaks RTMP: parses what arrives, sends responses. It does not know what the commands mean.
 */
export class RtmpPeer {
  readonly #socket: Socket
  readonly #events: PeerEvents
  readonly #rtmp: GuardedRtmp
  #state: 'handshake' | 'open' | 'ignored' = 'handshake'
  #unreadSince: number | undefined

  constructor(socket: Socket, events: PeerEvents) {
    this.#socket = socket
    this.#events = events
    this.#rtmp = new GuardedRtmp({
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

  /** Writes responses. */
  get rtmp(): Rtmp {
    return this.#rtmp
  }

  /** When media last arrived, ms of the monotonic clock; 0 before. */
  get lastMediaAt(): number {
    return this.#rtmp.lastMediaAt
  }

  /** The publish was accepted: sends media to `sink` from now on. */
  publishTo(sink: PublishSink): void {
    this.#rtmp.publishTo(sink)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /**
   * Sends the remaining responses and closes. Keeps reading and ignores what arrives: closing a socket with
   * unread bytes resets it, and the peer would lose the last response.
   */
  hangUp(): void {
    this.#ignore()
    this.#socket.resume()
    this.#socket.end()
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#ignore()
    this.#socket.destroy()
  }

  /** Whether the peer has left our responses unread for too long. Must be called regularly. */
  isStuck(now: number): boolean {
    this.#unreadSince = this.#socket.writableLength > 0 ? (this.#unreadSince ?? now) : undefined
    return this.#unreadSince !== undefined && now - this.#unreadSince > writeTimeoutMs
  }

  #read(bytes: Buffer) {
    if (this.#state === 'ignored') return
    try {
      this.#rtmp.read(bytes, performance.now())
      if (this.#rtmp.isOpen) this.#becomeOpen()
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
