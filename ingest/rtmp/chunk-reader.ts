import { newTag, tagHeaderBytes } from '../../core/media/flv-tag.ts'
import { maxChunkSize, maxChunkStreams } from './limits.ts'
import { ProtocolViolation } from './protocol-violation.ts'

/**
 * Receives a complete message. `tag` contains its payload at the place that it has in an FLV tag; the header
 * of the tag is still empty. `timestamp` is absolute, ms, 32 bits.
 */
export type OnMessage = (type: number, timestamp: number, streamId: number, tag: Buffer) => void

export interface ChunkLimits {
  /** Maximum length of a message of this type, bytes. */
  maxMessage(type: number): number
  /** Maximum total length of the messages of which only the beginning has arrived, bytes. */
  maxUnfinished(): number
}

/**
 * State of one chunk stream: the header of its last message, because the next header may leave out equal
 * fields.
 */
interface ChunkStream {
  timestamp: number
  /** Time field of the last header. It is an absolute time in a chunk of type 0, otherwise a delta. */
  timeField: number
  isAbsolute: boolean
  hasExtendedTime: boolean
  length: number
  type: number
  streamId: number
  /** The message whose chunks are arriving, and the number of bytes of its payload so far. */
  tag: Buffer | undefined
  received: number
}

/** Value of the time field which means that an extended timestamp follows (RTMP 1.0 section 5.3.1.3). */
const extendedTime = 0xffffff
/** Length of the message header by chunk type, bytes (RTMP 1.0 section 5.3.1.2). */
const headerLengths = [11, 7, 3, 0] as const

/** Maximum absolute time that a message without a time field repeats as a delta, ms; see `deltaOf`. */
const maxFirstDelta = 1000

const nothing = Buffer.alloc(0)

/**
 * Assembles messages from the chunks of a connection (Adobe RTMP 1.0 section 5.3). Each payload is copied
 * once, to its place in an FLV tag, so that forwarding the tag needs no further copy.
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
  /** Bytes that arrived after `pause`, to be parsed after `resume`. */
  #unparsed: Buffer = nothing
  #isPaused = false
  /**
   * Whether the peer repeats extended timestamps in chunks of type 3; undefined until a chunk shows which.
   */
  #repeatsExtendedTime: boolean | undefined

  constructor(limits: ChunkLimits, onMessage: OnMessage) {
    this.#limits = limits
    this.#onMessage = onMessage
  }

  /**
   * Sets the maximum payload of a chunk, bytes, as the peer announced it (RTMP 1.0 section 5.4.1). The
   * default is 128.
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

  /** Stops parsing after the current message. Bytes that arrive later are kept for `resume`. */
  pause(): void {
    this.#isPaused = true
  }

  /** Parses the bytes that arrived since `pause`. @throws ProtocolViolation */
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
   * Parses the bytes of one read of the socket. @throws ProtocolViolation when they break the protocol or a
   * limit
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
    if (format < 3 && stream.tag !== undefined)
      throw new ProtocolViolation('protocol_error', 'message begins inside another')
    const field = format < 3 ? bytes.readUIntBE(headerAt, 3) : 0
    const isExtended = format < 3 ? field === extendedTime : stream.hasExtendedTime
    const timeLength = isExtended ? this.#extendedLength(bytes, timeAt, stream, format) : 0
    if (timeLength === undefined) return undefined
    if (format < 3) {
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

  /**
   * Returns the length of the extended timestamp at `at`, 0 or 4; undefined until enough bytes have arrived.
   * In chunks of type 3 the specification demands the field, but older versions of librtmp leave it out. The
   * first such chunk decides: the field is there when its bytes equal the last extended timestamp.
   */
  #extendedLength(bytes: Buffer, at: number, stream: ChunkStream, format: number): 0 | 4 | undefined {
    if (format === 3 && this.#repeatsExtendedTime === false) return 0
    if (bytes.length < at + 4) return undefined
    if (format < 3) return 4
    this.#repeatsExtendedTime ??= bytes.readUInt32BE(at) === stream.timeField
    return this.#repeatsExtendedTime ? 4 : 0
  }

  #addStream(id: number): ChunkStream {
    if (this.#streams.size >= maxChunkStreams)
      throw new ProtocolViolation('too_large', 'too many chunk streams')
    const stream: ChunkStream = {
      timestamp: 0,
      timeField: 0,
      isAbsolute: true,
      hasExtendedTime: false,
      length: 0,
      type: 0,
      streamId: 0,
      tag: undefined,
      received: 0,
    }
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

/**
 * Parses the id of a chunk stream, whose basic header has `extra` bytes after the first (RTMP 1.0 section
 * 5.3.1.1).
 */
function chunkStreamId(bytes: Buffer, at: number, extra: number): number {
  if (extra === 0) return (bytes[at] ?? 0) & 0x3f
  return 64 + (bytes[at + 1] ?? 0) + (extra === 2 ? (bytes[at + 2] ?? 0) * 256 : 0)
}

/**
 * Returns how much later a message without a time field is than the one before it, ms. After an absolute time
 * the specification takes that time itself for the delta (RTMP 1.0 section 5.3.1.2.4), which is only right at
 * the start of a stream. For librtmp such a message has the same time as the one before.
 */
const deltaOf = ({ timeField, isAbsolute }: ChunkStream) =>
  isAbsolute && timeField > maxFirstDelta ? 0 : timeField
