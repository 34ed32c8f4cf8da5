import { createRequire } from 'node:module'

/**
 * The only file that imports node-media-server 4: its protocol classes, which are CommonJS without types.
 * Nothing else of it is used. In particular the server is not: clients can crash it, and it accepts media of
 * publishers that it refused.
 */

/** The message of one chunk stream, assembled from its chunks. */
export interface InMessage {
  header: { fmt: number; cid: number; timestamp: number; length: number; type: number; stream_id: number }
  /** Absolute timestamp, ms. Deltas make it grow beyond 32 bits. */
  clock: number
  payload: Buffer
  /** Size of `payload`, bytes. When the next message is longer, the parser allocates again. */
  capacity: number
  /** Bytes of the payload that have arrived. */
  bytes: number
}

/** A decoded command. Which fields it has depends on its name and on the sender. */
export interface Command {
  cmd?: unknown
  transId?: unknown
  cmdObj?: unknown
  streamName?: unknown
}

/** node-media-server's parser of the RTMP chunk protocol and writer of responses. */
export interface Rtmp {
  /** 3 once both handshake packets of the client have arrived. */
  handshakeState: number
  parserPacket: InMessage
  inPackets: Map<number, InMessage>
  inChunkSize: number
  outChunkSize: number
  streamId: number
  objectEncoding: number
  onOutputCallback: (bytes: Buffer) => void
  /**
   * Parses bytes from the socket. Responses of the handshake go to `onOutputCallback`. Throws on many
   * malformed messages.
   */
  parserData(bytes: Buffer): string | null
  /** Called for each chunk header in the parser's buffer. Returns its length. */
  chunkMessageHeaderRead(): number
  /** Called before the first byte of each message. Allocates the payload of `parserPacket`. */
  packetAlloc(): void
  /** Called for each complete message in `parserPacket`. */
  packetHandler(): void
  sendACK(size: number): void
  sendWindowACK(size: number): void
  setPeerBandwidth(size: number, type: number): void
  setChunkSize(size: number): void
  sendStatusMessage(streamId: number, level: string, code: string, description: string): void
  respondConnect(transactionId: number): void
  respondCreateStream(transactionId: number): void
}

interface Amf {
  decodeAmf0Cmd(bytes: Buffer): Command
  decodeAmf0Data(bytes: Buffer): { cmd?: unknown; method?: unknown; dataObj?: unknown }
  encodeAmf0Data(message: { cmd: string; dataObj: Record<string, unknown> }): Buffer
}

const require = createRequire(import.meta.url)

// The library prints each unknown command to stdout, where our log lines go. Any client could fill the log.
const libraryLogger = require('node-media-server/src/core/logger.js') as { log: () => void }
libraryLogger.log = () => {}

// Each Rtmp creates an FLV parser with a buffer of 1 MB that is not used here. An empty class replaces it.
const flvReader = require.resolve('node-media-server/src/protocol/flv.js')
require(flvReader)
const flvModule = require.cache[flvReader]
if (flvModule) flvModule.exports = class {}

export const Rtmp = require('node-media-server/src/protocol/rtmp.js') as new () => Rtmp
export const amf = require('node-media-server/src/protocol/amf.js') as Amf
