/**
 * Maximum time from decoding to presentation, ms, or in frames if they are slow: H.264 and HEVC reorder
 * within 16 frames.
 */
const [maxCompositionMs, maxReorderedFrames] = [5000, 16]
/** Maximum time by which decode times are moved, ms. A frame that needs more is an error. */
const maxShiftMs = 1000
/** Maximum composition time that FLV can carry, ms. */
const maxFieldMs = 0x7f_ffff

/**
 * Puts decode times right where presentation would come before decoding. Some encoders count from the first
 * picture shown; their decode times become earlier by as much as any was wrong, and presentation times stay
 * as they are.
 */
export class DecodeTime {
  readonly #onCorrection: (amountMs: number) => void
  #shift = 0
  #lastTime: number | undefined
  #last = -1
  /** Time from decoding to presentation of the last frame, ms. */
  compositionMs = 0

  /** `onCorrection` is called when a time was moved, by how much. */
  constructor(onCorrection: (amountMs: number) => void = () => {}) {
    this.#onCorrection = onCorrection
  }

  /** Returns the decode time of a frame, ms, which always rises. Times in ms. */
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
