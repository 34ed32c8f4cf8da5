import type { Socket } from 'node:net'
import { messageOf } from '../../core/process/errors.ts'
import { ProtocolViolation } from '../publish/refusal.ts'
import { Acknowledgements } from './flow-control.ts'
import { GuardedRtmp } from './guarded-rtmp.ts'
import { maxBytesBeforePublish, maxUnsentBytes, writeTimeoutMs } from './limits.ts'
import type { Command } from './node-media-server.ts'

const rtmpVersion = 3

/** Thrown out of the parser when a message has ended the connection: nothing after it is read. */
const over = new Error('connection is over')

export interface PeerEvents {
  /** The handshake is done. */
  open(): void
  command(command: Command, streamId: number): void
  /** Audio, video or data in a tag whose header is still to be written; `now` is ms of a steady clock. */
  media(type: number, timestamp: number, tag: Buffer, now: number): void
  /** All messages of one read are in. */
  readDone(): void
  /** The peer broke a rule or a bound. */
  broken(reason: ProtocolViolation['reason'], detail: string): void
  /** The connection is gone. */
  lost(detail: string): void
}

/** A socket that speaks RTMP: bytes in, checked messages out. Knows nothing of what they are for. */
export class RtmpPeer {
  readonly #socket: Socket
  readonly #events: PeerEvents
  readonly #rtmp: GuardedRtmp
  readonly #acknowledgements = new Acknowledgements()
  #state: 'handshake' | 'open' | 'ignored' = 'handshake'
  #now = 0
  #unreadSince: number | undefined

  constructor(socket: Socket, events: PeerEvents) {
    this.#socket = socket
    this.#events = events
    this.#rtmp = new GuardedRtmp({
      command: (command, streamId) => {
        this.#becomeOpen()
        events.command(command, streamId)
        this.#stopWhenIgnored()
      },
      media: (type, timestamp, tag) => {
        events.media(type, timestamp, tag, this.#now)
        this.#stopWhenIgnored()
      },
      acknowledgeEvery: (bytes) => this.#acknowledgements.every(bytes),
      output: (bytes) => this.#write(bytes),
    })
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    socket.on('end', () => events.lost('connection was closed'))
    socket.on('error', (error) => events.lost(error.message))
    socket.on('close', () => events.lost('connection was closed'))
  }

  /** What answers are sent with. */
  get rtmp(): GuardedRtmp {
    return this.#rtmp
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Sends what is left to send and ignores what comes: a close with unread bytes would tear the answer from the peer. */
  hangUp(): void {
    this.#state = 'ignored'
    this.#socket.resume()
    this.#socket.end()
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#state = 'ignored'
    this.#socket.destroy()
  }

  /** Whether the peer has left our answers unread for too long; to be asked now and then. */
  isStuck(now: number): boolean {
    this.#unreadSince = this.#socket.writableLength > 0 ? (this.#unreadSince ?? now) : undefined
    return this.#unreadSince !== undefined && now - this.#unreadSince > writeTimeoutMs
  }

  #read(bytes: Buffer) {
    if (this.#state === 'ignored') return
    this.#now = performance.now()
    try {
      this.#parse(bytes)
      this.#events.readDone()
    } catch (error) {
      if (error === over) return
      const reason = error instanceof ProtocolViolation ? error.reason : 'protocol_error'
      this.#events.broken(reason, messageOf(error))
    }
  }

  #parse(bytes: Buffer) {
    const received = this.#acknowledgements.received(bytes.length)
    if (received === bytes.length && bytes[0] !== rtmpVersion)
      throw new ProtocolViolation('protocol_error', 'not RTMP')
    if (!this.#rtmp.publishing && received > maxBytesBeforePublish)
      throw new ProtocolViolation('too_large', 'too much before the publish')
    this.#rtmp.parserData(bytes)
    if (this.#rtmp.isOpen) this.#becomeOpen()
    const due = this.#acknowledgements.due()
    if (due !== undefined) this.#rtmp.sendACK(due)
  }

  #becomeOpen() {
    if (this.#state !== 'handshake') return
    this.#state = 'open'
    this.#events.open()
  }

  #stopWhenIgnored() {
    if (this.#state === 'ignored') throw over
  }

  #write(bytes: Buffer) {
    if (!this.#socket.writable) return
    if (this.#socket.writableLength > maxUnsentBytes) this.#socket.destroy(new Error('answers are not read'))
    else this.#socket.write(bytes)
  }
}
