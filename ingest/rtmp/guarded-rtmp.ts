import { newTag, payloadOf } from '../../core/media/flv-tag.ts'
import type { PublishSink } from '../publish/publish-sink.ts'
import { checkAmf0 } from './amf-shape.ts'
import { Acknowledgements } from './flow-control.ts'
import {
  maxAudioMessage,
  maxBytesBeforePublish,
  maxChunkSize,
  maxChunkStreams,
  maxOtherMessage,
  maxUnfinishedMessages,
  maxVideoMessage,
  minChunkSize,
} from './limits.ts'
import { amf, type Command, type InMessage, Rtmp } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'

const rtmpVersion = 3

/** Message types (RTMP 1.0 sections 5.4, 6.2 and 7.1). */
const setChunkSize = 1
const abortMessage = 2
const userControl = 4
const windowAckSize = 5
const audio = 8
const video = 9
const dataAmf3 = 15
const commandAmf3 = 17
const data = 18
const command = 20

const pingRequest = 6
const pingResponse = 7

const empty = Buffer.alloc(0)

/** Thrown out of the library's parser after `stop`, so that the rest of the read is not parsed. */
const stopped = new Error('parsing was stopped')

export interface RtmpEvents {
  command(command: Command, streamId: number): void
  /** Bytes to send to the peer. */
  output(bytes: Buffer): void
}

/**
 * node-media-server's RTMP parser with every length, count and format checked before the library acts on it.
 * Media is received in buffers that are FLV tags already, so its bytes are copied once.
 */
export class GuardedRtmp extends Rtmp {
  readonly #events: RtmpEvents
  readonly #acknowledgements = new Acknowledgements()
  /** The tag that contains the payload of a message. */
  readonly #tags = new Map<InMessage, Buffer>()
  /** Bytes reserved for messages that have begun and are not complete. */
  #unfinished = 0
  /** Receives media once the publish is accepted. Before that media is dropped, and must be small. */
  #sink: PublishSink | undefined
  /** Time of the read that is being parsed, ms of the monotonic clock. */
  #readAt = 0
  #lastMediaAt = 0
  #isStopped = false

  constructor(events: RtmpEvents) {
    super()
    this.#events = events
    this.onOutputCallback = (bytes) => events.output(bytes)
  }

  /** Whether the handshake is complete. */
  get isOpen(): boolean {
    return this.handshakeState >= 3
  }

  /** When the sink last received a message, ms of the monotonic clock. */
  get lastMediaAt(): number {
    return this.#lastMediaAt
  }

  /** The publish was accepted: sends media to `sink` from now on. */
  publishTo(sink: PublishSink): void {
    this.#sink = sink
  }

  /** Ignores everything that has not been parsed yet. */
  stop(): void {
    this.#isStopped = true
  }

  /**
   * Parses the bytes of one read, which arrived at `now`, ms of the monotonic clock.
   * @throws ProtocolViolation, or any error of the library on malformed bytes. The connection must then end.
   */
  read(bytes: Buffer, now: number): void {
    if (this.#isStopped) return
    const received = this.#acknowledgements.add(bytes.length)
    if (received === bytes.length && bytes[0] !== rtmpVersion)
      throw new ProtocolViolation('protocol_error', 'not RTMP')
    if (this.#sink === undefined && received > maxBytesBeforePublish)
      throw new ProtocolViolation('too_large', 'too much before the publish')
    this.#readAt = now
    try {
      this.parserData(bytes)
    } catch (error) {
      if (error === stopped) return
      throw error
    }
    const due = this.#acknowledgements.due()
    if (due !== undefined) this.sendACK(due)
    this.#sink?.flush()
  }

  override chunkMessageHeaderRead(): number {
    const message = this.parserPacket
    const length = super.chunkMessageHeaderRead()
    const { fmt, type } = message.header
    if (message.bytes > 0 && fmt !== 3)
      throw new ProtocolViolation('protocol_error', 'message begins inside another')
    if (this.inPackets.size > maxChunkStreams)
      throw new ProtocolViolation('too_large', 'too many chunk streams')
    if (message.header.length > this.#maxLength(type))
      throw new ProtocolViolation('too_large', `message of ${message.header.length} bytes, type ${type}`)
    return length
  }

  #maxLength(type: number): number {
    if (this.#sink === undefined) return maxOtherMessage
    if (type === video) return maxVideoMessage
    return type === audio ? maxAudioMessage : maxOtherMessage
  }

  override packetAlloc() {
    const message = this.parserPacket
    // The library drops every message from 2^32 ms on.
    if (message.clock > 0xffffffff) message.clock %= 0x1_0000_0000
    const { length } = message.header
    this.#unfinished += length
    if (this.#unfinished > (this.#sink ? maxUnfinishedMessages : maxBytesBeforePublish))
      throw new ProtocolViolation('too_large', 'too many messages at once')
    const tag = newTag(length)
    this.#tags.set(message, tag)
    message.payload = payloadOf(tag)
    message.capacity = 0
  }

  override packetHandler() {
    const message = this.parserPacket
    const { payload } = message
    const tag = this.#tags.get(message)
    this.#forget(message)
    const { type, stream_id: streamId } = message.header
    switch (type) {
      case audio:
      case video:
      case data:
        if (tag && this.#sink) {
          this.#lastMediaAt = this.#readAt
          this.#sink.receive(type, message.clock, tag, this.#readAt)
        }
        break
      case dataAmf3:
        break
      case command:
        this.#command(payload, streamId)
        break
      case commandAmf3:
        // AMF3 commands of Flash and its successors are AMF0 after one zero byte.
        this.#command(payload.subarray(1), streamId)
        break
      default:
        this.#control(type, payload)
    }
    if (this.#isStopped) throw stopped
  }

  #forget(message: InMessage) {
    this.#unfinished -= message.header.length
    this.#tags.delete(message)
    message.payload = empty
  }

  #command(payload: Buffer, streamId: number) {
    if (payload.length === 0) throw new ProtocolViolation('protocol_error', 'command is empty')
    checkAmf0(payload)
    this.#events.command(amf.decodeAmf0Cmd(payload), streamId)
  }

  #control(type: number, payload: Buffer) {
    if (type === userControl) return this.#userControl(payload)
    if (type !== setChunkSize && type !== abortMessage && type !== windowAckSize) return
    if (payload.length < 4) throw new ProtocolViolation('protocol_error', 'control message is truncated')
    const value = payload.readUInt32BE(0)
    if (type === setChunkSize) {
      if (value < minChunkSize || value > 0x7fffffff)
        throw new ProtocolViolation('protocol_error', `chunk size ${value}`)
      this.inChunkSize = Math.min(value, maxChunkSize)
    } else if (type === windowAckSize) this.#acknowledgements.setWindow(value)
    else this.#abort(value)
  }

  /** Discards a message whose rest will not arrive (section 5.4.2). */
  #abort(chunkStream: number) {
    const message = this.inPackets.get(chunkStream)
    if (!message || message.bytes === 0) return
    message.bytes = 0
    this.#forget(message)
  }

  /** Responds to a ping with its own timestamp (section 7.1.7). */
  #userControl(payload: Buffer) {
    if (payload.length < 6 || payload.readUInt16BE(0) !== pingRequest) return
    const header = Buffer.from('020000000000060400000000', 'hex')
    const event = Buffer.alloc(6)
    event.writeUInt16BE(pingResponse, 0)
    payload.copy(event, 2, 2, 6)
    this.#events.output(Buffer.concat([header, event]))
  }
}
