import type { Rtmp } from './node-media-server.ts'

/** Minimum window, bytes. A smaller one would mean a response to each packet. */
const minWindow = 64 * 1024
/** Window of a peer that has not announced one, bytes. */
const defaultWindow = 2_500_000
/** Window that we announce, bytes. Our responses never come near it. */
const announcedWindow = 5_000_000
/** Limit type with which the peer may adapt the announced bandwidth (section 5.4.5). */
const dynamicLimit = 2

/** Counts what was received and says when to acknowledge it (RTMP 1.0 sections 5.4.3 and 5.4.4). */
export class Acknowledgements {
  #window = defaultWindow
  #received = 0
  #acknowledged = 0

  /** Sets the window that the peer announced, bytes. */
  setWindow(bytes: number): void {
    this.#window = Math.max(bytes, minWindow)
  }

  /** Counts bytes that were received. Returns the sum. */
  add(bytes: number): number {
    this.#received += bytes
    return this.#received
  }

  /** Returns the sequence number to acknowledge now; undefined unless a window is full. */
  due(): number | undefined {
    if (this.#received - this.#acknowledged < this.#window) return undefined
    this.#acknowledged = this.#received
    return this.#received % 0x1_0000_0000
  }
}

/** Announces windows and chunk size to the peer, which some publishers wait for. */
export function announceLimits(rtmp: Rtmp): void {
  rtmp.sendWindowACK(announcedWindow)
  rtmp.setPeerBandwidth(announcedWindow, dynamicLimit)
  rtmp.setChunkSize(rtmp.outChunkSize)
}
