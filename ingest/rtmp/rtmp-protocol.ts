import {
  newTag,
  payloadLengthAt,
  payloadOf,
  tagHeaderBytes,
  tagTrailerBytes,
  timestampAt,
} from '../../core/media/flv-tag.ts'
import type { PublishSink } from '../publish/publish-sink.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { asAmf0 } from './amf-shape.ts'
import { ChunkReader } from './chunk-reader.ts'
import {
  maxAudioMessage,
  maxBytesBeforePublish,
  maxOtherMessage,
  maxUnfinishedMessages,
  maxVideoMessage,
} from './limits.ts'
import { amf, type Command, Rtmp } from './node-media-server.ts'
import { ProtocolViolation } from './protocol-violation.ts'

const rtmpVersion = 3
/** Total length of C0, C1 and C2, the messages of the client in the handshake (RTMP 1.0 section 5.2). */
const handshakeBytes = 1 + 2 * 1536

/** Message types (RTMP 1.0 sections 5.4, 6.2 and 7.1). */
const setChunkSize = 1
const abortMessage = 2
const userControl = 4
const windowAckSize = 5
const audio = 8
const video = 9
const commandAmf3 = 17
const data = 18
const command = 20
const aggregate = 22

/** Type markers of AMF0 (AMF 0 specification, section 2.1). */
const [amfNumber, amfText] = [0, 2]

const pingRequest = 6
const pingResponse = 7

export interface RtmpEvents {
  command(command: Command, streamId: number): void
  /** Called with bytes that must be sent to the peer, in order. */
  output(bytes: Buffer): void
}

/**
 * The RTMP of one connection. node-media-server does the handshake, decodes commands and writes most
 * responses. Our own `ChunkReader` reads the chunks, because the library trusts every length and does not
 * understand all that encoders send.
 */
export class RtmpProtocol {
  readonly responses: Rtmp
  readonly #events: RtmpEvents
  readonly #chunks: ChunkReader
  readonly #acknowledgements = new Acknowledgements()
  #handshakeLeft = handshakeBytes
  /** Destination of media; undefined while no publish is accepted. */
  #sink: PublishSink | undefined
  /** Time of the read of the socket that is being parsed, ms of the monotonic clock. */
  #readAt = 0
  #lastMediaAt = 0
  /** Bytes received, and the maximum number of parsed bytes while there is no sink. */
  #received = 0
  #mayReceive = maxBytesBeforePublish
  /** Whether a publish was accepted on this connection. From then on the limits of publishers apply. */
  #isTrusted = false
  #isStopped = false

  constructor(events: RtmpEvents) {
    this.#events = events
    this.responses = new Rtmp()
    this.responses.onOutputCallback = (bytes) => events.output(bytes)
    const limits = {
      maxMessage: (type: number) => this.#maxMessage(type),
      maxUnfinished: () => (this.#isTrusted ? maxUnfinishedMessages : maxBytesBeforePublish),
    }
    this.#chunks = new ChunkReader(limits, (type, timestamp, streamId, tag) =>
      this.#receive(type, timestamp, streamId, tag),
    )
  }

  /** Number of messages that were discarded because another one began inside them. */
  get abandonedMessages(): number {
    return this.#chunks.abandoned
  }

  get isOpen(): boolean {
    return this.#handshakeLeft === 0
  }

  /** Time at which audio or video for a sink last arrived, ms of the monotonic clock; 0 before the first. */
  get lastMediaAt(): number {
    return this.#lastMediaAt
  }

  /** Parses nothing after the current message until `publishTo`. Bytes that arrive meanwhile are kept. */
  hold(): void {
    this.#chunks.pause()
  }

  /**
   * Passes media to `sink` from now on, first what has arrived since `hold`.
   * @throws ProtocolViolation, or any error of the library on malformed bytes. The connection must then end.
   */
  publishTo(sink: PublishSink): void {
    this.#sink = sink
    this.#isTrusted = true
    const hasMore = this.#chunks.unparsedBytes > 0
    this.#chunks.resume()
    if (hasMore) sink.flush()
  }

  /**
   * Ignores media until the next `publishTo`. Until then at most `maxUnfinishedMessages` bytes may arrive.
   */
  unpublish(): void {
    this.#sink = undefined
    this.#mayReceive = this.#received + maxUnfinishedMessages
  }

  /** Ignores everything after the current message. */
  stop(): void {
    this.#isStopped = true
    this.#chunks.pause()
  }

  /**
   * Parses the bytes of one read of the socket; `now` is its time, ms of the monotonic clock.
   * @throws ProtocolViolation, or any error of the library on malformed bytes. The connection must then end.
   */
  read(bytes: Buffer, now: number): void {
    if (this.#isStopped) return
    this.#readAt = now
    this.#received = this.#acknowledgements.add(bytes.length)
    this.#chunks.read(this.#withoutHandshake(bytes))
    if (this.#isStopped) return
    if (this.#sink === undefined && this.#received - this.#chunks.unparsedBytes > this.#mayReceive)
      throw new ProtocolViolation('too_large', 'too much before the publish')
    const due = this.#acknowledgements.due()
    if (due !== undefined) this.responses.sendACK(due)
    this.#sink?.flush()
  }

  /**
   * Passes the bytes of the handshake to the library and returns the rest, which the library would parse as
   * chunks.
   */
  #withoutHandshake(bytes: Buffer): Buffer {
    if (this.#handshakeLeft === 0 || bytes.length === 0) return bytes
    if (this.#handshakeLeft === handshakeBytes && bytes[0] !== rtmpVersion)
      throw new ProtocolViolation('protocol_error', 'not RTMP')
    const length = Math.min(this.#handshakeLeft, bytes.length)
    this.#handshakeLeft -= length
    this.responses.parserData(bytes.subarray(0, length))
    return bytes.subarray(length)
  }

  #maxMessage(type: number): number {
    if (!this.#isTrusted) return maxOtherMessage
    if (type === video || type === aggregate) return maxVideoMessage
    return type === audio ? maxAudioMessage : maxOtherMessage
  }

  #receive(type: number, timestamp: number, streamId: number, tag: Buffer) {
    switch (type) {
      case audio:
      case video:
      case data:
        return this.#media(type, timestamp, tag)
      case aggregate:
        return this.#aggregate(timestamp, payloadOf(tag))
      case command:
        return this.#command(payloadOf(tag), streamId)
      case commandAmf3:
        // Flash-based encoders send this type: a zero byte, then a command in AMF0.
        return this.#command(payloadOf(tag).subarray(payloadOf(tag)[0] === 0 ? 1 : 0), streamId)
      default:
        return this.#control(type, payloadOf(tag))
    }
  }

  #media(type: number, timestamp: number, tag: Buffer) {
    if (this.#sink === undefined || this.#isStopped) return
    if (type !== data) this.#lastMediaAt = this.#readAt
    this.#sink.receive(type, timestamp, tag, this.#readAt)
  }

  /**
   * Splits an aggregate message, which is a sequence of FLV tags (RTMP 1.0 section 7.1.6). The first tag gets
   * the timestamp of the message; the others keep their distance from it.
   */
  #aggregate(timestamp: number, payload: Buffer) {
    let firstTime: number | undefined
    for (let at = 0; at + tagHeaderBytes <= payload.length; ) {
      const type = payload.readUInt8(at)
      const length = payloadLengthAt(payload, at)
      const time = timestampAt(payload, at)
      const body = payload.subarray(at + tagHeaderBytes, at + tagHeaderBytes + length)
      if (body.length < length) throw new ProtocolViolation('protocol_error', 'aggregate is truncated')
      firstTime ??= time
      if (type === audio || type === video || type === data) {
        const tag = newTag(length)
        body.copy(tag, tagHeaderBytes)
        this.#media(type, (timestamp + time - firstTime) >>> 0, tag)
      }
      at += tagHeaderBytes + length + tagTrailerBytes
    }
  }

  #command(payload: Buffer, streamId: number) {
    if (payload.length === 0) throw new ProtocolViolation('protocol_error', 'command is empty')
    const plain = asAmf0(payload)
    this.#events.command({ transId: transactionOf(plain), ...amf.decodeAmf0Cmd(plain) }, streamId)
  }

  #control(type: number, payload: Buffer) {
    if (type === userControl) return this.#userControl(payload)
    if (type !== setChunkSize && type !== abortMessage && type !== windowAckSize) return
    if (payload.length < 4) throw new ProtocolViolation('protocol_error', 'control message is truncated')
    const value = payload.readUInt32BE(0)
    if (type === setChunkSize) {
      if (value === 0 || value > 0x7fffffff)
        throw new ProtocolViolation('protocol_error', `chunk size ${value}`)
      this.#chunks.setChunkSize(value)
    } else if (type === windowAckSize) this.#acknowledgements.setWindow(value)
    else this.#chunks.abort(value)
  }

  /** Responds to a ping request with the timestamp of the request (RTMP 1.0 section 7.1.7). */
  #userControl(payload: Buffer) {
    if (payload.length < 6 || payload.readUInt16BE(0) !== pingRequest) return
    const header = Buffer.from('020000000000060400000000', 'hex')
    const event = Buffer.alloc(6)
    event.writeUInt16BE(pingResponse, 0)
    payload.copy(event, 2, 2, 6)
    this.#events.output(Buffer.concat([header, event]))
  }
}

/** Returns the transaction id of any command, known to the library or not; undefined when there is none. */
function transactionOf(command: Buffer): number | undefined {
  if (command[0] !== amfText) return undefined
  const at = 3 + command.readUInt16BE(1)
  return command[at] === amfNumber ? command.readDoubleBE(at + 1) : undefined
}
