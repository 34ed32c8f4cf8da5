/** Number of frames whose times are kept; 2.5 s at 60 frames/s. */
const keptFrames = 151
/** Minimum number of frames from which the rate is guessed, and from which it is measured. */
const framesToGuess = 5
const framesToMeasure = 60
/** Time after which the rate of a slow source is guessed from fewer frames, ms. */
const maxGuessMs = 700
/** Maximum plausible rate, frames/s. A higher one comes from frames that arrived in one burst. */
const maxRate = 250
/** Number of GOPs over which the maximum is taken. */
const keptGops = 5

const commonRates = [
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
const wholeCommonRates = commonRates.filter(Number.isInteger)

/** Measures frames per second from decode times, ms. RTMP rounds times, so a single distance says little. */
export class FrameRate {
  readonly #times = new Float64Array(keptFrames)
  #count = 0

  add(time: number): void {
    this.#times[this.#count++ % keptFrames] = time
  }

  /** Forgets all frames, because a new format may have another rate. */
  reset(): void {
    this.#count = 0
  }

  /**
   * Rate over the last 150 frames at most, not rounded, frames/s, even if implausible. 0 until there are 60
   * frames, or when all have the same time.
   */
  get recent(): number {
    return this.#count >= framesToMeasure ? (this.#average() ?? 0) : 0
  }

  /**
   * The recent rate, rounded to a common one within 0.07 %, frames/s; undefined when it is 0 or implausible.
   */
  get measured(): number | undefined {
    const rate = this.recent
    return rate === 0 || rate > maxRate ? undefined : roundToCommon(rate, 0.0007, commonRates)
  }

  /**
   * Rate of the kept frames, rounded to a whole common one within 3 %, frames/s. Undefined when it is
   * implausible, and until there are 5 frames, or fewer frames that span 700 ms.
   */
  get guessed(): number | undefined {
    const isEnough = this.#count >= framesToGuess || this.#span >= maxGuessMs
    const rate = isEnough ? this.#average() : undefined
    return rate === undefined || rate > maxRate ? undefined : roundToCommon(rate, 0.03, wholeCommonRates)
  }

  #average(): number | undefined {
    const frames = Math.min(this.#count, keptFrames)
    const span = this.#span
    return span > 0 ? ((frames - 1) * 1000) / span : undefined
  }

  get #span(): number {
    const frames = Math.min(this.#count, keptFrames)
    if (frames === 0) return 0
    const newest = this.#times[(this.#count - 1) % keptFrames] ?? 0
    return newest - (this.#times[(this.#count - frames) % keptFrames] ?? 0)
  }
}

/**
 * Rounds to the nearest common rate if it is within `tolerance`, a fraction of `rate`. The result has at most
 * three decimals.
 */
function roundToCommon(rate: number, tolerance: number, common: readonly number[]): number {
  const nearest = common.reduce((best, each) => (Math.abs(each - rate) < Math.abs(best - rate) ? each : best))
  const chosen = Math.abs(nearest - rate) <= tolerance * rate ? nearest : rate
  return Math.round(chosen * 1000) / 1000
}

/** Measures the length of GOPs in session time, and keeps that of the last `keptGops`. */
export class GopLength {
  readonly #lengths: number[] = []
  #lastKeyframe: number | undefined

  /** Notes a keyframe; `time` is its session time, ms. */
  addKeyframe(time: number): void {
    if (this.#lastKeyframe !== undefined && this.#lengths.push(time - this.#lastKeyframe) > keptGops)
      this.#lengths.shift()
    this.#lastKeyframe = time
  }

  /** Length of the longest of the last five GOPs, ms; null until the second keyframe. */
  get longest(): number | null {
    return this.#lengths.length === 0 ? null : Math.max(...this.#lengths)
  }
}
