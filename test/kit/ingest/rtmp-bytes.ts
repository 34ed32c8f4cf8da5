/** Encoders for RTMP. They share no code with ingest, and can also encode wrongly. */

export type AmfValue = string | number | boolean | null | { [name: string]: AmfValue }

export function amf0(value: AmfValue): Buffer {
  if (value === null) return Buffer.from([5])
  if (typeof value === 'boolean') return Buffer.from([1, Number(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9)
    bytes.writeDoubleBE(value, 1)
    return bytes
  }
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), lengthPrefixed(value)])
  const members = Object.entries(value).map(([name, each]) =>
    Buffer.concat([lengthPrefixed(name), amf0(each)]),
  )
  return Buffer.concat([Buffer.from([3]), ...members, Buffer.from([0, 0, 9])])
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

export interface Message {
  type: number
  payload: Buffer
  timestamp?: number
  streamId?: number
  chunkStream?: number
  chunkSize?: number
  /** Whether chunks of type 3 have no extended timestamp, against RTMP 1.0, section 5.3.1.3. */
  omitsExtendedTimes?: boolean
}

/** Encodes a message in chunks. It may be invalid: nothing is checked. */
export function chunks(message: Message): Buffer {
  const { type, payload, timestamp = 0, streamId = 0, chunkStream = 3, chunkSize = 128 } = message
  const header = Buffer.alloc(12)
  header[0] = chunkStream
  header.writeUIntBE(Math.min(timestamp, 0xffffff), 1, 3)
  header.writeUIntBE(payload.length, 4, 3)
  header[7] = type
  header.writeUInt32LE(streamId, 8)
  const extended = Buffer.alloc(timestamp >= 0xffffff ? 4 : 0)
  if (extended.length > 0) extended.writeUInt32BE(timestamp % 0x1_0000_0000)
  const encoded: Buffer[] = [header, extended]
  for (let at = 0; at < payload.length; at += chunkSize) {
    if (at > 0) encoded.push(Buffer.from([0xc0 | chunkStream]))
    if (at > 0 && !message.omitsExtendedTimes) encoded.push(extended)
    encoded.push(payload.subarray(at, at + chunkSize))
  }
  return Buffer.concat(encoded)
}

export const command = (...values: AmfValue[]) =>
  chunks({ type: 20, payload: Buffer.concat(values.map(amf0)) })

/** C0, C1 and C2, all that a client sends in the handshake without digests. */
export const handshake = Buffer.concat([Buffer.from([3]), Buffer.alloc(1536, 7), Buffer.alloc(1536, 9)])

export const connectCommand = (app = 'live') =>
  command('connect', 1, { app, flashVer: 'test', tcUrl: `rtmp://127.0.0.1/${app}` })
export const createStreamCommand = command('createStream', 2, null)
export const publishCommand = (key: string) =>
  chunks({
    type: 20,
    payload: Buffer.concat(['publish', 3, null, key, 'live'].map(amf0)),
    streamId: 1,
    chunkStream: 4,
  })

/** Returns all bytes that a publisher sends before its media. */
export const publishBytes = (key: string) =>
  Buffer.concat([handshake, connectCommand(), createStreamCommand, publishCommand(key)])

/** Codec header of H.264: 640x360, 30 frames/s according to its VUI. */
export const avcConfig = Buffer.from(
  '17000000000142c01effe100196742c01eda0280bfe5c044000003000400000300f03c58ba8001000468ce0fc8',
  'hex',
)
/** Codec header of AAC: 48 kHz, stereo. */
export const aacConfig = Buffer.from('af001190', 'hex')
/** A keyframe, a frame and a frame of sound. Their headers are valid, but they cannot be decoded. */
export const keyframe = Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(2000, 1)])
export const frame = Buffer.concat([Buffer.from('2701000000', 'hex'), Buffer.alloc(500, 2)])
export const sound = Buffer.concat([Buffer.from('af01', 'hex'), Buffer.alloc(200, 3)])

export const video = (payload: Buffer, timestamp: number) =>
  chunks({ type: 9, payload, timestamp, streamId: 1, chunkStream: 6 })
export const audio = (payload: Buffer, timestamp: number) =>
  chunks({ type: 8, payload, timestamp, streamId: 1, chunkStream: 5 })
