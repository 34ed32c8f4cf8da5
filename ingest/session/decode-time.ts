/** Maximum time from decoding to presentation, ms. Encoders reorder within a few frames. */
const maxCompositionMs = 5000

/**
 * Puts decode times right where presentation would come before decoding. Some encoders count from the first
 * picture shown; their decode times become earlier by as much as any was wrong, and presentation times stay
 * as they are.
 */
export class DecodeTime {
  #shift = 0
  #last = 0
  /** Time from decoding to presentation of the last frame, ms. */
  compositionMs = 0

  /** Number of times that the decode times had to be moved. */
  corrections = 0

  /** Returns the decode time of a frame, ms, which never falls. Times in ms. */
  of(time: number, compositionMs: number): number {
    if (compositionMs < -this.#shift) {
      this.#shift = Math.min(-compositionMs, maxCompositionMs)
      this.corrections++
    }
    const decodeMs = Math.max(this.#last, time - this.#shift)
    this.#last = decodeMs
    this.compositionMs = Math.min(maxCompositionMs, Math.max(0, time + compositionMs - decodeMs))
    return decodeMs
  }
}
