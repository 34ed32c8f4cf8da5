import { Bitrate } from '../measure/bitrate.ts'

/** Share of the ceiling above which a bitrate is near it. The API reports this as `isNearBitrateLimit`. */
const warnFrom = 0.8
/** Maximum time above the ceiling, ms. Peaks at keyframes and scene changes are shorter. */
const patienceMs = 5000
/** Minimum time between two comparisons of the bitrate with the ceiling, ms. */
const checkMs = 500

/** Compares the bitrate of a publisher with the ceiling, bits/s. A ceiling of 0 allows everything. */
export class BitrateCeiling {
  readonly #max: number
  readonly #bitrate = new Bitrate()
  #checkedAt = 0
  #aboveSince: number | undefined
  #isNear = false

  constructor(max: number) {
    this.#max = max
  }

  get isNear(): boolean {
    return this.#isNear
  }

  /**
   * Counts bytes that arrived at `now`, ms. Returns why the session must end; undefined while it may
   * continue.
   */
  add(bytes: number, now: number): string | undefined {
    if (this.#max === 0) return undefined
    this.#bitrate.add(now, bytes)
    if (now - this.#checkedAt < checkMs) return undefined
    this.#checkedAt = now
    const bitrate = this.#bitrate.bitsPerSecond
    this.#isNear = bitrate > warnFrom * this.#max
    if (bitrate <= this.#max) this.#aboveSince = undefined
    else this.#aboveSince ??= now
    if (this.#aboveSince === undefined || now - this.#aboveSince < patienceMs) return undefined
    const [is, may] = [bitrate, this.#max].map((each) => Math.ceil(each / 1e6))
    return `The bitrate is ${is} Mbit/s and may be ${may} Mbit/s. Choose a lower bitrate in the encoder settings.`
  }
}
