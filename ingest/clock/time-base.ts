/** Time to remember a base after its last packet, ms. */
const baseLifeMs = 30_000

/** Where a base begins. */
export interface BaseStart {
  /** First timestamp, 32 bits, and its session time, ms. */
  raw: number
  timeMs: number
  /** Session ms for each ms of the source. */
  rate: number
  now: number
}

/** A stretch of timestamps that count from one zero. A step begins another. */
export class TimeBase {
  /** Newest timestamp, 32 bits, and the same without wraps, counted from the first. */
  #raw: number
  #unwrapped = 0
  /** Session time of the first timestamp, ms, and session ms for each ms of the source. */
  #offset: number
  #rate: number
  usedAt: number
  /** Whether the timestamps are of no use, and times of arrival take their place. */
  usesArrival = false

  constructor({ raw, timeMs, rate, now }: BaseStart) {
    this.#raw = raw
    this.#offset = timeMs
    this.#rate = rate
    this.usedAt = now
  }

  get rate(): number {
    return this.#rate
  }

  /** Newest timestamp since the first, without wraps, ms. */
  get elapsedRaw(): number {
    return this.#unwrapped
  }

  /** Session time of a timestamp, ms. */
  timeOf(raw: number): number {
    return (this.#unwrapped + ((raw - this.#raw) | 0)) * this.#rate + this.#offset
  }

  /** Takes the next timestamp. RTMP timestamps wrap after 49.7 days (Adobe RTMP 1.0, section 3). */
  advance(raw: number, now: number): void {
    this.#unwrapped += (raw - this.#raw) | 0
    this.#raw = raw
    this.usedAt = now
  }

  /** Moves session time, ms. */
  shift(ms: number): void {
    this.#offset += ms
  }

  /** Changes the rate from the newest timestamp on. */
  changeRate(rate: number): void {
    this.#offset += this.#unwrapped * (this.#rate - rate)
    this.#rate = rate
  }

  /** Uses timestamps again, from the newest on, which is at a session time, ms. */
  resumeAt(timeMs: number, rate: number): void {
    this.usesArrival = false
    this.#rate = rate
    this.#offset = timeMs - this.#unwrapped * rate
  }

  /** A base of its own with the same times. */
  copy(): TimeBase {
    const copy = new TimeBase({ raw: this.#raw, timeMs: this.#offset, rate: this.#rate, now: this.usedAt })
    copy.#unwrapped = this.#unwrapped
    copy.usesArrival = this.usesArrival
    return copy
  }
}

/** The bases of the last half minute, oldest first. */
export class TimeBases {
  #bases: TimeBase[] = []

  get newest(): TimeBase | undefined {
    return this.#bases.at(-1)
  }

  add(base: TimeBase, now: number): void {
    this.#bases = this.#bases.filter(({ usedAt }) => now - usedAt < baseLifeMs)
    this.#bases.push(base)
  }

  /** Newest base that counts by timestamps, is not `current`, and suits. */
  findOther(
    current: TimeBase | undefined,
    now: number,
    suits: (base: TimeBase) => boolean,
  ): TimeBase | undefined {
    return this.#bases.findLast(
      (base) => base !== current && !base.usesArrival && now - base.usedAt < baseLifeMs && suits(base),
    )
  }

  /** Whether a base began before another. One that is forgotten began before all. */
  isOlder(one: TimeBase, other: TimeBase): boolean {
    return this.#bases.indexOf(one) < this.#bases.indexOf(other)
  }
}
