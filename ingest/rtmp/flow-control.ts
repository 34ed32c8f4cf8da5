/** Smaller windows would make an answer of each packet. */
const minWindow = 64 * 1024
/** Window of a peer that named none. */
const usualWindow = 2_500_000

/** Counts what came and says when to acknowledge it (RTMP 1.0 sections 5.4.3 and 5.4.4). */
export class Acknowledgements {
  #window = usualWindow
  #received = 0
  #acknowledged = 0

  /** The peer named a window, bytes. */
  every(bytes: number): void {
    this.#window = Math.max(bytes, minWindow)
  }

  /** So many bytes came; gives the sum. */
  received(bytes: number): number {
    this.#received += bytes
    return this.#received
  }

  /** The sequence number to acknowledge now, if a window is full. */
  due(): number | undefined {
    if (this.#received - this.#acknowledged < this.#window) return undefined
    this.#acknowledged = this.#received
    return this.#received % 0x1_0000_0000
  }
}
