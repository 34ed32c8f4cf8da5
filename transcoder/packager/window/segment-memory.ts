/**
 * Frees the media of a segment as soon as the segment has left the window and no response is sending it. The
 * garbage collector would free it late: with 20 streams of 4 Mbit/s, it left 230 MB of such media in memory.
 */
export class SegmentMemory {
  #responses = 0
  #forgotten: Buffer[] = []

  /** Keeps the media until `release`, because a response sends it. */
  hold(): void {
    this.#responses++
  }

  release(): void {
    this.#responses--
    this.#freeForgotten()
  }

  /** Frees buffers now, or when no response sends them any more. Nothing may read them afterwards. */
  forget(buffers: readonly Buffer[]): void {
    this.#forgotten.push(...buffers)
    this.#freeForgotten()
  }

  #freeForgotten() {
    if (this.#responses > 0) return
    for (const { buffer, byteLength } of this.#forgotten) {
      // A larger ArrayBuffer may be shared with other buffers, so it is left to the garbage collector.
      if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
    }
    this.#forgotten = []
  }
}
