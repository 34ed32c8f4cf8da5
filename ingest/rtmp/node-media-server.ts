import { createRequire } from 'node:module'

/**
 * The only file that imports node-media-server 4. It uses the protocol classes, which are CommonJS without
 * types. The server is not used: clients can crash it, and it accepts media of publishers that it refused.
 */

/** A decoded command. Its fields depend on its name and on the sender. */
export interface Command {
  cmd?: unknown
  transId?: unknown
  cmdObj?: unknown
  streamName?: unknown
}

/** Handshake and writer of responses of node-media-server. */
export interface Rtmp {
  outChunkSize: number
  streamId: number
  onOutputCallback: (bytes: Buffer) => void
  /** Parses bytes of the handshake and passes the responses to `onOutputCallback`. */
  parserData(bytes: Buffer): string | null
  sendACK(size: number): void
  sendWindowACK(size: number): void
  setPeerBandwidth(size: number, type: number): void
  setChunkSize(size: number): void
  sendInvokeMessage(streamId: number, message: Record<string, unknown>): void
  sendStatusMessage(streamId: number, level: string, code: string, description: string): void
  respondCreateStream(transactionId: number): void
}

interface Amf {
  decodeAmf0Cmd(bytes: Buffer): Command
  decodeAmf0Data(bytes: Buffer): { cmd?: unknown; method?: unknown; dataObj?: unknown }
  encodeAmf0Data(message: { cmd: string; dataObj: Record<string, unknown> }): Buffer
}

const require = createRequire(import.meta.url)

// The library prints each unknown command to stdout, which is our log. Without this any client could fill it.
const libraryLogger = require('node-media-server/src/core/logger.js') as { log: () => void }
libraryLogger.log = () => {}

// Each `Rtmp` of the library would allocate an FLV parser with a buffer of 1 MB. We never use it, so an empty
// class replaces it.
const flvReader = require.resolve('node-media-server/src/protocol/flv.js')
require(flvReader)
const flvModule = require.cache[flvReader]
if (flvModule) flvModule.exports = class {}

export const Rtmp = require('node-media-server/src/protocol/rtmp.js') as new () => Rtmp
export const amf = require('node-media-server/src/protocol/amf.js') as Amf
