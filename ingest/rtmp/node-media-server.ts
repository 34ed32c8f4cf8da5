import { createRequire } from 'node:module'

/**
 * The one place that knows node-media-server 4: its protocol classes, which are CommonJS and come without types.
 * Only what stands here is used; the stock server is not, because it can be crashed from outside and takes media
 * of publishers that it refused.
 */

/** A message as it is put together from the chunks of one chunk stream. */
export interface InMessage {
  header: { fmt: number; cid: number; timestamp: number; length: number; type: number; stream_id: number }
  /** Absolute timestamp, ms; grows beyond 32 bits with deltas. */
  clock: number
  payload: Buffer
  /** Bytes that `payload` can take; less than the length of the next message makes the parser ask for more. */
  capacity: number
  /** Bytes of the payload that have arrived. */
  bytes: number
}

/** A decoded command: the fields that its name asks for, as far as the sender gave them. */
export interface Command {
  cmd?: unknown
  transId?: unknown
  cmdObj?: unknown
  streamName?: unknown
}

/** node-media-server's reader of the RTMP chunk protocol and writer of answers. */
export interface Rtmp {
  /** 3 once both handshake packets of the client have arrived. */
  handshakeState: number
  parserPacket: InMessage
  inPackets: Map<number, InMessage>
  inChunkSize: number
  outChunkSize: number
  streamApp: string
  streamName: string
  streamId: number
  objectEncoding: number
  onOutputCallback: (bytes: Buffer) => void
  /** Reads what came from the socket; answers of the handshake go to `onOutputCallback`. Throws on much that is malformed. */
  parserData(bytes: Buffer): string | null
  /** Called with each chunk header read into the parser's buffer. */
  chunkMessageHeaderRead(): number
  /** Called before the first byte of each message; makes room in `parserPacket`. */
  packetAlloc(): void
  /** Called with each whole message in `parserPacket`. */
  packetHandler(): void
  sendACK(size: number): void
  sendWindowACK(size: number): void
  setPeerBandwidth(size: number, type: number): void
  setChunkSize(size: number): void
  sendInvokeMessage(streamId: number, message: Record<string, unknown>): void
  sendStatusMessage(streamId: number, level: string, code: string, description: string): void
  respondConnect(transactionId: number): void
  respondCreateStream(transactionId: number): void
  respondPublish(): void
}

interface Amf {
  decodeAmf0Cmd(bytes: Buffer): Command
  decodeAmf0Data(bytes: Buffer): { cmd?: unknown; method?: unknown; dataObj?: unknown }
  encodeAmf0Data(message: { cmd: string; dataObj: Record<string, unknown> }): Buffer
}

const require = createRequire(import.meta.url)

// The library prints each unknown command to stdout, where our log lines go: whoever connects could fill the log.
const libraryLogger = require('node-media-server/src/core/logger.js') as { log: () => void }
libraryLogger.log = () => {}

// Each Rtmp makes itself a reader of FLV with a buffer of 1 MB, which nothing uses here: an empty class takes its place.
const flvReader = require.resolve('node-media-server/src/protocol/flv.js')
require(flvReader)
const flvModule = require.cache[flvReader]
if (flvModule) flvModule.exports = class {}

export const Rtmp = require('node-media-server/src/protocol/rtmp.js') as new () => Rtmp
export const amf = require('node-media-server/src/protocol/amf.js') as Amf
