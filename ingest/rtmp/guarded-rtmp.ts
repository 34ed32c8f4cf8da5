import { newTag, payloadOf } from '../../core/media/flv-tag.ts'
import { ProtocolViolation } from '../publish/refusal.ts'
import { checkAmf0 } from './amf-shape.ts'
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

/** Message types (RTMP 1.0 sections 5.4, 6.2 and 7.1). */
const setChunkSize = 1
const abortMessage = 2
const windowAckSize = 5
const userControl = 4
const audio = 8
const video = 9
const dataAmf3 = 15
const commandAmf3 = 17
const data = 18
const command = 20

const pingRequest = 6
const pingResponse = 7

const empty = Buffer.alloc(0)

/** What a connection wants to know of what its peer sends. Whatever these throw ends the parsing. */
export interface RtmpEvents {
  command(command: Command, streamId: number): void
  /** Audio, video or data in a tag whose header is still to be written. */
  media(type: number, timestamp: number, tag: Buffer): void
  /** The peer wants an acknowledgement every so many bytes. */
  acknowledgeEvery(bytes: number): void
  output(bytes: Buffer): void
}

/**
 * node-media-server's RTMP parser with every length, count and form checked before the library acts on it.
 * Media arrives in buffers that are FLV tags already, so that nothing is copied again.
 * `parserData` throws ProtocolViolation, or whatever the library throws on bad input: end the connection then.
 */
export class GuardedRtmp extends Rtmp {
  readonly #events: RtmpEvents
  /** Bytes set aside for messages that have begun and not ended. */
  #unfinished = 0
  /** The tag that the payload of a message lies in. */
  readonly #tags = new Map<InMessage, Buffer>()
  /** Media is taken only then, and may be large. */
  publishing = false

  constructor(events: RtmpEvents) {
    super()
    this.#events = events
    this.onOutputCallback = (bytes) => events.output(bytes)
  }

  /** Whether the handshake is over. */
  get isOpen(): boolean {
    return this.handshakeState >= 3
  }

  override chunkMessageHeaderRead(): number {
    const message = this.parserPacket
    const length = super.chunkMessageHeaderRead()
    const { fmt, type } = message.header
    if (message.bytes > 0 && fmt !== 3)
      throw new ProtocolViolation('protocol_error', 'message begins inside another')
    if (this.inPackets.size > maxChunkStreams)
      throw new ProtocolViolation('too_large', 'too many chunk streams')
    if (message.header.length > this.#longest(type))
      throw new ProtocolViolation('too_large', `message of ${message.header.length} bytes, type ${type}`)
    return length
  }

  #longest(type: number): number {
    if (!this.publishing) return maxOtherMessage
    if (type === video) return maxVideoMessage
    return type === audio ? maxAudioMessage : maxOtherMessage
  }

  override packetAlloc() {
    const message = this.parserPacket
    // The library drops every message from 2^32 ms on.
    if (message.clock > 0xffffffff) message.clock %= 0x1_0000_0000
    const { length } = message.header
    this.#unfinished += length
    if (this.#unfinished > (this.publishing ? maxUnfinishedMessages : maxBytesBeforePublish))
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
        if (tag) this.#events.media(type, message.clock, tag)
        return
      case dataAmf3:
        return
      case command:
        return this.#command(payload, streamId)
      case commandAmf3:
        // AMF3 commands of Flash and its kin are AMF0 behind one zero byte.
        return this.#command(payload.subarray(1), streamId)
      default:
        return this.#control(type, payload)
    }
  }

  #forget(message: InMessage) {
    this.#unfinished -= message.header.length
    this.#tags.delete(message)
    message.payload = empty
  }

  #command(payload: Buffer, streamId: number) {
    if (payload.length === 0) throw new ProtocolViolation('protocol_error', 'command is empty')
    checkAmf0(payload)
    const decoded = amf.decodeAmf0Cmd(payload)
    this.#events.command(decoded, streamId)
  }

  #control(type: number, payload: Buffer) {
    if (type === userControl) return this.#userControl(payload)
    if (type !== setChunkSize && type !== abortMessage && type !== windowAckSize) return
    if (payload.length < 4) throw new ProtocolViolation('protocol_error', 'control message is cut short')
    const value = payload.readUInt32BE(0)
    if (type === setChunkSize) {
      if (value < minChunkSize || value > 0x7fffffff)
        throw new ProtocolViolation('protocol_error', `chunk size ${value}`)
      this.inChunkSize = Math.min(value, maxChunkSize)
    } else if (type === windowAckSize) this.#events.acknowledgeEvery(value)
    else this.#abort(value)
  }

  /** Section 5.4.2: the rest of a message will not come. */
  #abort(chunkStream: number) {
    const message = this.inPackets.get(chunkStream)
    if (!message || message.bytes === 0) return
    message.bytes = 0
    this.#forget(message)
  }

  #userControl(payload: Buffer) {
    if (payload.length < 6 || payload.readUInt16BE(0) !== pingRequest) return
    const answer = Buffer.from('020000000000060400000000', 'hex')
    const event = Buffer.alloc(6)
    event.writeUInt16BE(pingResponse, 0)
    payload.copy(event, 2, 2, 6)
    this.#events.output(Buffer.concat([answer, event]))
  }
}
