import { newTag, tagHeaderBytes } from '../../core/media/flv-tag.ts'
import {
  type ChunkStream,
  chunkStreamId,
  deltaOf,
  extendedLength,
  extendedTime,
  newChunkStream,
} from './chunk-stream.ts'
import { maxAbandonedMessages, maxChunkSize, maxChunkStreams } from './limits.ts'
import { ProtocolViolation } from './protocol-violation.ts'

/**
 * Receives a complete message. `tag` is an FLV tag that contains its payload; the header of the tag is still
 * empty. `timestamp` is absolute, ms, 32 bits.
 */
export type OnMessage = (type: number, timestamp: number, streamId: number, tag: Buffer) => void

export interface ChunkLimits {
  /** Maximum length of a message of this type, bytes. */
  maxMessage(type: number): number
  /** Maximum total length of the messages that have begun and are not complete, bytes. */
  maxUnfinished(): number
}

/** Length of the message header by chunk type, bytes (RTMP 1.0 section 5.3.1.2). */
const headerLengths = [11, 7, 3, 0] as const

const nothing = Buffer.alloc(0)

/**
 * Assembles messages from the chunks of a connection (Adobe RTMP 1.0 section 5.3). Each payload is copied to
 * its place in an FLV tag, so that forwarding the tag needs no further copy.
 */
export class ChunkReader {
  readonly #limits: ChunkLimits
  readonly #onMessage: OnMessage
  readonly #streams = new Map<number, ChunkStream>()
  #chunkSize = 128
  #unfinished = 0
  /** Beginning of a chunk header whose rest has not arrived. */
  #head: Buffer = nothing
  /** The chunk stream whose payload is arriving, and the number of bytes until the chunk is complete. */
  #current: ChunkStream | undefined
  #missing = 0
  /** Bytes that were left unparsed at `pause` or arrived after it. */
  #unparsed: Buffer = nothing
  #isPaused = false
  #abandoned = 0

  constructor(limits: ChunkLimits, onMessage: OnMessage) {
    this.#limits = limits
    this.#onMessage = onMessage
  }

  /**
   * Sets the maximum payload of a chunk, bytes, as the peer announced it (RTMP 1.0 section 5.4.1). The
   * default is 128. A value above `maxChunkSize` counts as `maxChunkSize`.
   */
  setChunkSize(bytes: number): void {
    this.#chunkSize = Math.min(bytes, maxChunkSize)
  }

  /** Discards the incomplete message of a chunk stream, on request of the peer (RTMP 1.0 section 5.4.2). */
  abort(chunkStream: number): void {
    const stream = this.#streams.get(chunkStream)
    if (!stream?.tag) return
    this.#unfinished -= stream.length
    stream.tag = undefined
    stream.received = 0
  }

  /** Number of messages that the peer did not complete before it began another on the same chunk stream. */
  get abandoned(): number {
    return this.#abandoned
  }

  /**
   * Discards a message in which another one begins: some publishers drop frames without an abort message.
   * @throws ProtocolViolation when there were more than `maxAbandonedMessages`
   */
  #abandon(chunkStream: number) {
    if (++this.#abandoned > maxAbandonedMessages)
      throw new ProtocolViolation('protocol_error', 'too many messages begin inside another')
    this.abort(chunkStream)
  }

  /** Stops parsing after the current message. The remaining bytes are kept for `resume`. */
  pause(): void {
    this.#isPaused = true
  }

  /**
   * Parses the bytes that were kept since `pause`.
   * @throws ProtocolViolation when they break the protocol or a limit
   */
  resume(): void {
    const kept = this.#unparsed
    this.#unparsed = nothing
    this.#isPaused = false
    this.read(kept)
  }

  get unparsedBytes(): number {
    return this.#unparsed.length
  }

  /**
   * Parses the bytes of one read of the socket.
   * @throws ProtocolViolation when they break the protocol or a limit
   */
  read(bytes: Buffer): void {
    const all = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes])
    this.#head = nothing
    let at = 0
    while (at < all.length && !this.#isPaused)
      at = this.#current === undefined ? this.#readHeader(all, at) : this.#readPayload(all, at)
    if (at < all.length) this.#unparsed = Buffer.concat([this.#unparsed, all.subarray(at)])
  }

  /** Parses a chunk header; an incomplete one is kept for the next read. Returns where the payload begins. */
  #readHeader(bytes: Buffer, at: number): number {
    const end = this.#parseHeader(bytes, at)
    if (end !== undefined) return end
    this.#head = Buffer.from(bytes.subarray(at))
    return bytes.length
  }

  /** Returns where the header ends; undefined when its rest has not arrived. */
  #parseHeader(bytes: Buffer, at: number): number | undefined {
    const first = bytes[at] ?? 0
    const format = first >> 6
    const idLength = (first & 0x3f) < 2 ? 1 + (first & 0x3f) : 0
    const headerAt = at + 1 + idLength
    const timeAt = headerAt + (headerLengths[format] ?? 0)
    if (bytes.length < timeAt) return undefined
    const id = chunkStreamId(bytes, at, idLength)
    const stream = this.#streams.get(id) ?? this.#addStream(id)
    const field = format < 3 ? bytes.readUIntBE(headerAt, 3) : 0
    const isExtended = format < 3 ? field === extendedTime : stream.hasExtendedTime
    const timeLength = isExtended ? extendedLength(bytes, timeAt, stream, format) : 0
    if (timeLength === undefined) return undefined
    if (format < 3) {
      if (stream.tag !== undefined) this.#abandon(id)
      stream.hasExtendedTime = isExtended
      stream.timeField = isExtended ? bytes.readUInt32BE(timeAt) : field
    }
    if (format < 2) {
      stream.length = bytes.readUIntBE(headerAt + 3, 3)
      stream.type = bytes[headerAt + 6] ?? 0
    }
    if (format === 0) stream.streamId = bytes.readUInt32LE(headerAt + 7)
    this.#beginChunk(stream, format)
    return timeAt + timeLength
  }

  #addStream(id: number): ChunkStream {
    if (this.#streams.size >= maxChunkStreams)
      throw new ProtocolViolation('too_large', 'too many chunk streams')
    const stream = newChunkStream()
    this.#streams.set(id, stream)
    return stream
  }

  #beginChunk(stream: ChunkStream, format: number) {
    if (stream.tag === undefined) this.#beginMessage(stream, format)
    this.#missing = Math.min(this.#chunkSize, stream.length - stream.received)
    if (this.#missing > 0) this.#current = stream
    else this.#endMessage(stream)
  }

  #beginMessage(stream: ChunkStream, format: number) {
    const { length, type } = stream
    if (length > this.#limits.maxMessage(type))
      throw new ProtocolViolation('too_large', `message of ${length} bytes, type ${type}`)
    this.#unfinished += length
    if (this.#unfinished > this.#limits.maxUnfinished())
      throw new ProtocolViolation('too_large', 'too many messages at once')
    if (format < 3) stream.isAbsolute = format === 0
    stream.timestamp = (format === 0 ? stream.timeField : stream.timestamp + deltaOf(stream)) >>> 0
    stream.tag = newTag(length)
    stream.received = 0
  }

  #readPayload(bytes: Buffer, at: number): number {
    const stream = this.#current
    if (stream?.tag === undefined) return at
    const length = Math.min(this.#missing, bytes.length - at)
    bytes.copy(stream.tag, tagHeaderBytes + stream.received, at, at + length)
    stream.received += length
    this.#missing -= length
    if (this.#missing === 0) {
      this.#current = undefined
      if (stream.received === stream.length) this.#endMessage(stream)
    }
    return at + length
  }

  #endMessage(stream: ChunkStream) {
    const { tag } = stream
    if (tag === undefined) return
    stream.tag = undefined
    stream.received = 0
    this.#unfinished -= stream.length
    this.#onMessage(stream.type, stream.timestamp, stream.streamId, tag)
  }
}
