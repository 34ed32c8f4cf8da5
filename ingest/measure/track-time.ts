/** Time by which a timestamp may be earlier than the one before, ms: some encoders reorder packets. */
const maxBackMs = 50
/** Maximum step of the timestamps beyond the time that has passed, ms. A larger one is a jump. */
const maxAheadMs = 1000

/** Media time of one track as its publisher counts it, without the jumps of its timestamps. */
export class TrackTime {
  #raw = 0
  #arrivedAt = 0
  #beganAt: number | undefined
  #elapsedMs = 0

  /**
   * Notes a packet; `raw` is its timestamp, 32 bits, `now` its arrival, ms of a steady clock. Returns the
   * step from the packet before, ms; undefined for the first packet and after a jump.
   */
  advance(raw: number, now: number): number | undefined {
    const isFirst = this.#beganAt === undefined
    this.#beganAt ??= now
    const step = (raw - this.#raw) | 0
    const passedMs = now - this.#arrivedAt
    const isSteady = !isFirst && step >= -maxBackMs && step <= passedMs + maxAheadMs
    if (!isFirst) this.#elapsedMs += isSteady ? step : passedMs
    this.#raw = raw
    this.#arrivedAt = now
    return isSteady ? step : undefined
  }

  /** Media time since the first packet, ms. */
  get elapsedMs(): number {
    return this.#elapsedMs
  }

  get hasBegun(): boolean {
    return this.#beganAt !== undefined
  }

  /** Returns the time that passed since the first packet minus media time, ms. */
  driftAt(now: number): number {
    return this.#beganAt === undefined ? 0 : now - this.#beganAt - this.#elapsedMs
  }
}
