const keptFrames = 151
/** A guess from the first frames needs so many, a measurement so many. */
const framesToGuess = 5
const framesToMeasure = 60
/** Slow sources are guessed from fewer frames once so much time has passed, ms. */
const longestGuessMs = 700

const usualRates = [
  10,
  12,
  12.5,
  15,
  20,
  24_000 / 1001,
  24,
  25,
  30_000 / 1001,
  30,
  48,
  50,
  60_000 / 1001,
  60,
  120,
]

/** Frames per second from decode times, ms, which are rounded to whole ms by RTMP. */
export class FrameRate {
  readonly #times = new Float64Array(keptFrames)
  #count = 0

  add(time: number): void {
    this.#times[this.#count++ % keptFrames] = time
  }

  /** Forgets what came so far. */
  reset(): void {
    this.#count = 0
  }

  /** Measured over the last frames (2.5 s at 60 frames/s); undefined while there are too few. */
  get measured(): number | undefined {
    const rate = this.#count >= framesToMeasure ? this.#average() : undefined
    return rate === undefined ? undefined : nearestUsual(rate, 0.0007, usualRates)
  }

  /** A rate from the first few frames: a whole one if it may be. */
  get guessed(): number | undefined {
    const isEnough = this.#count >= framesToGuess || this.#span >= longestGuessMs
    const rate = isEnough ? this.#average() : undefined
    return rate === undefined ? undefined : nearestUsual(rate, 0.03, usualRates.filter(Number.isInteger))
  }

  #average(): number | undefined {
    const frames = Math.min(this.#count, keptFrames)
    const span = this.#span
    return span > 0 ? ((frames - 1) * 1000) / span : undefined
  }

  /** From the oldest frame kept to the newest, ms. */
  get #span(): number {
    const frames = Math.min(this.#count, keptFrames)
    if (frames === 0) return 0
    const newest = this.#times[(this.#count - 1) % keptFrames] ?? 0
    return newest - (this.#times[(this.#count - frames) % keptFrames] ?? 0)
  }
}

/** The usual rate next to `rate` when it is as near as `tolerance` (a share of it), else `rate` to two digits. */
function nearestUsual(rate: number, tolerance: number, usual: readonly number[]): number {
  const nearest = usual.reduce((best, each) => (Math.abs(each - rate) < Math.abs(best - rate) ? each : best))
  const chosen = Math.abs(nearest - rate) <= tolerance * rate ? nearest : rate
  return Math.round(chosen * 1000) / 1000
}
