/**
 * Maximum time from decoding to presentation: this many ms, or the time of this many frames if that is
 * longer. H.264 and HEVC reorder within 16 frames.
 */
const [maxCompositionMs, maxReorderedFrames] = [5000, 16]
/**
 * Maximum time by which decode times are moved, ms. If a frame needs more, its composition time is an error.
 */
const maxShiftMs = 1000
/** Maximum composition time that an FLV tag can contain, ms: its field has 24 bits with a sign. */
const maxFieldMs = 0x7f_ffff

/**
 * Corrects decode times when a frame would be presented before it is decoded, as with encoders that count
 * decode times from the first presentation. From such a frame on, decode times are moved back by the largest
 * error so far. Presentation times are kept where that is possible.
 */
export class DecodeTime {
  readonly #onCorrection: (amountMs: number) => void
  #shift = 0
  #lastTime: number | undefined
  #last = -1
  /** Time from decoding to presentation of the newest frame, ms, after correction. */
  compositionMs = 0

  /** `onCorrection` is called for each correction with its size, ms. */
  constructor(onCorrection: (amountMs: number) => void = () => {}) {
    this.#onCorrection = onCorrection
  }

  /**
   * Returns the decode time of a frame, ms; each is later than the one before. `time` is the session time of
   * the frame, `compositionMs` its composition time as the publisher sent it.
   */
  of(time: number, compositionMs: number): number {
    if (compositionMs < -this.#shift && compositionMs >= -maxShiftMs) {
      this.#onCorrection(-compositionMs - this.#shift)
      this.#shift = -compositionMs
    }
    const decodeMs = Math.max(this.#last + 1, time - this.#shift)
    const distanceMs = time - (this.#lastTime ?? time)
    const maxMs = Math.min(maxFieldMs, Math.max(maxCompositionMs, maxReorderedFrames * distanceMs))
    const delayMs = time + compositionMs - decodeMs
    if (delayMs > maxMs || compositionMs < -maxShiftMs) this.#onCorrection(delayMs)
    this.#last = decodeMs
    this.#lastTime = time
    this.compositionMs = Math.min(maxMs, Math.max(0, delayMs))
    return decodeMs
  }
}
