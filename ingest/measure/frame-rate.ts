const keptFrames = 151
/** A guess from the first frames needs so many, a measurement so many. */
const framesToGuess = 5
const framesToMeasure = 60

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
    const rate = this.#count >= framesToGuess ? this.#average() : undefined
    return rate === undefined ? undefined : nearestUsual(rate, 0.03, usualRates.filter(Number.isInteger))
  }

  #average(): number | undefined {
    const frames = Math.min(this.#count, keptFrames)
    const newest = this.#times[(this.#count - 1) % keptFrames] ?? 0
    const oldest = this.#times[(this.#count - frames) % keptFrames] ?? 0
    return newest > oldest ? ((frames - 1) * 1000) / (newest - oldest) : undefined
  }
}

/** The usual rate next to `rate` when it is as near as `tolerance` (a share of it), else `rate` to two digits. */
function nearestUsual(rate: number, tolerance: number, usual: readonly number[]): number {
  const nearest = usual.reduce((best, each) => (Math.abs(each - rate) < Math.abs(best - rate) ? each : best))
  const chosen = Math.abs(nearest - rate) <= tolerance * rate ? nearest : rate
  return Math.round(chosen * 1000) / 1000
}
