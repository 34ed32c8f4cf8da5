/** Time for which a base is remembered after its last packet, ms. */
const baseLifeMs = 30_000

export interface BaseStart {
  /** First timestamp of the base, 32 bits, and the session time of that packet, ms. */
  raw: number
  timeMs: number
  /** Session time that passes in each ms of the publisher's timestamps. */
  rate: number
  now: number
}

/**
 * Converts timestamps that count from the same zero to session time. A step of the timestamps begins another
 * base.
 */
export class TimeBase {
  /** Newest timestamp, 32 bits; and the time from the first timestamp to it, ms, across wraps. */
  #raw: number
  #unwrapped = 0
  /**
   * Session time of the first timestamp, ms, extrapolated at the current rate; and that rate: session time
   * per ms of timestamps.
   */
  #offset: number
  #rate: number
  usedAt: number
  /** Whether times of arrival replace the timestamps, which are useless. */
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

  /** Time from the first timestamp to the newest one, ms, across wraps of the 32 bits. */
  get elapsedRaw(): number {
    return this.#unwrapped
  }

  /** Returns the session time of a timestamp, ms. */
  timeOf(raw: number): number {
    return (this.#unwrapped + ((raw - this.#raw) | 0)) * this.#rate + this.#offset
  }

  /**
   * Notes the next timestamp. RTMP timestamps wrap after 49.7 days (Adobe RTMP 1.0, section 3). A difference
   * in 32 bits is right across the wrap.
   */
  advance(raw: number, now: number): void {
    this.#unwrapped += (raw - this.#raw) | 0
    this.#raw = raw
    this.usedAt = now
  }

  /** Moves the session time of all timestamps by `ms`. */
  shift(ms: number): void {
    this.#offset += ms
  }

  /** Changes the rate for timestamps after the newest one. Session time makes no step. */
  changeRate(rate: number): void {
    this.#offset += this.#unwrapped * (this.#rate - rate)
    this.#rate = rate
  }

  /** Uses timestamps again after times of arrival. The newest timestamp gets the session time `timeMs`. */
  resumeAt(timeMs: number, rate: number): void {
    this.usesArrival = false
    this.#rate = rate
    this.#offset = timeMs - this.#unwrapped * rate
  }

  /** Returns an independent base with the same conversion. */
  copy(): TimeBase {
    const copy = new TimeBase({ raw: this.#raw, timeMs: this.#offset, rate: this.#rate, now: this.usedAt })
    copy.#unwrapped = this.#unwrapped
    copy.usesArrival = this.usesArrival
    return copy
  }
}

/** The bases of a session, oldest first. `add` forgets those without a packet for `baseLifeMs`. */
export class TimeBases {
  #bases: TimeBase[] = []

  get newest(): TimeBase | undefined {
    return this.#bases.at(-1)
  }

  add(base: TimeBase, now: number): void {
    this.#bases = this.#bases.filter(({ usedAt }) => now - usedAt < baseLifeMs)
    this.#bases.push(base)
  }

  /**
   * Returns the newest base for which `suits` is true, except `current`, those without a packet for
   * `baseLifeMs`, and those that use times of arrival.
   */
  findOther(
    current: TimeBase | undefined,
    now: number,
    suits: (base: TimeBase) => boolean,
  ): TimeBase | undefined {
    return this.#bases.findLast(
      (base) => base !== current && !base.usesArrival && now - base.usedAt < baseLifeMs && suits(base),
    )
  }

  /** Whether `one` was added before `other`. A base that is no longer remembered counts as the oldest. */
  isOlder(one: TimeBase, other: TimeBase): boolean {
    return this.#bases.indexOf(one) < this.#bases.indexOf(other)
  }
}
