import { Bitrate } from '../measure/bitrate.ts'

/** Share of the ceiling from which the publisher's owner is warned. */
const warnFrom = 0.8
/** Time above the ceiling until it takes effect, ms. A keyframe or a change of scene is shorter. */
const patienceMs = 5000
/** Interval of the check, ms. */
const checkMs = 500

/** Watches what a publisher sends against the ceiling of its channel, bits/s. 0 means no ceiling. */
export class BitrateCeiling {
  readonly #max: number
  readonly #bitrate = new Bitrate()
  #checkedAt = 0
  #aboveSince: number | undefined
  #isNear = false

  constructor(max: number) {
    this.#max = max
  }

  /** Whether the bitrate is near the ceiling or above it. */
  get isNear(): boolean {
    return this.#isNear
  }

  /** Counts bytes that arrived at `now`, ms. Returns why the session must end; undefined otherwise. */
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
