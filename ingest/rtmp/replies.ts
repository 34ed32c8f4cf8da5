import type { Rtmp } from './node-media-server.ts'

/** How much we may send, and the peer, before an acknowledgement; our answers never come near it. */
const windowBytes = 5_000_000
/** Bandwidth limit that the peer may adapt (RTMP 1.0 section 5.4.5). */
const dynamicLimit = 2

/** Answers `connect` (section 7.2.1.1) with all that publishers wait for. */
export function acceptConnect(rtmp: Rtmp, transaction: number): void {
  rtmp.objectEncoding = 0
  rtmp.sendWindowACK(windowBytes)
  rtmp.setPeerBandwidth(windowBytes, dynamicLimit)
  rtmp.setChunkSize(rtmp.outChunkSize)
  rtmp.respondConnect(transaction)
}
