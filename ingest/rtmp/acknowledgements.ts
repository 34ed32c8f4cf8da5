/** Minimum window, bytes. A smaller one would require an acknowledgement for nearly each packet. */
const minWindow = 64 * 1024
/** Window of a peer that does not announce one, bytes. */
const defaultWindow = 2_500_000

/**
 * Counts the bytes of a connection and decides when they are acknowledged (RTMP 1.0 sections 5.4.3 and
 * 5.4.4).
 */
export class Acknowledgements {
  #window = defaultWindow
  #received = 0
  #acknowledged = 0

  setWindow(bytes: number): void {
    this.#window = Math.max(bytes, minWindow)
  }

  /** Counts received bytes. Returns the total of the connection. */
  add(bytes: number): number {
    this.#received += bytes
    return this.#received
  }

  /**
   * Returns the number to send in an acknowledgement (bytes so far, modulo 2³²); undefined until another
   * window of bytes has arrived.
   */
  due(): number | undefined {
    if (this.#received - this.#acknowledged < this.#window) return undefined
    this.#acknowledged = this.#received
    return this.#received % 0x1_0000_0000
  }
}
