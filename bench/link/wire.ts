import type { Schedule } from './conditions.ts'

export type Direction = 'down' | 'up'

/**
 * One direction of a link: sends one packet after another at the rate of the schedule, and has a queue that
 * is bounded in bytes. All connections share it.
 */
export class Wire {
  readonly #schedule: Schedule
  readonly #direction: Direction
  /** Packets from `#head` on are in the queue. `until` is when a packet has been sent, ms. */
  readonly #queue: { until: number; bytes: number }[] = []
  #head = 0
  #queuedBytes = 0
  #freeAt = 0
  /** Bytes of all packets that the queue has taken, not of those that were lost because it was full. */
  sentBytes = 0

  constructor(schedule: Schedule, direction: Direction) {
    this.#schedule = schedule
    this.#direction = direction
  }

  /** Returns the time at which a packet that is queued now begins to be sent, ms. */
  freeAt(now: number): number {
    return Math.max(now, this.#freeAt)
  }

  /** Returns the number of bytes that wait or are being sent. */
  queuedBytes(now: number): number {
    const queue = this.#queue
    for (let head = queue[this.#head]; head !== undefined && head.until <= now; head = queue[this.#head]) {
      this.#queuedBytes -= head.bytes
      this.#head += 1
    }
    if (this.#head > 1024) {
      queue.splice(0, this.#head)
      this.#head = 0
    }
    return this.#queuedBytes
  }

  /** Queues a packet. Returns when it will have been sent, ms; undefined when it does not fit and is lost. */
  send(now: number, bytes: number): number | undefined {
    const waiting = this.queuedBytes(now)
    if (waiting > 0 && waiting + bytes > this.#schedule.at(now).queueBytes) return undefined
    const until = this.#finish(this.freeAt(now), bytes)
    this.#freeAt = until
    this.#queuedBytes += bytes
    this.#queue.push({ until, bytes })
    this.sentBytes += bytes
    return until
  }

  /** Returns when `bytes` that begin at `at` have been sent, ms; Infinity in an outage without end. */
  #finish(at: number, bytes: number): number {
    let bits = bytes * 8
    for (let time = at; time < Number.POSITIVE_INFINITY; ) {
      const { downKbps, upKbps } = this.#schedule.at(time)
      const rate = this.#direction === 'down' ? downKbps : upKbps
      const change = this.#schedule.nextChange(time)
      const possible = rate === 0 ? 0 : rate * (change - time)
      if (possible >= bits) return time + bits / rate
      bits -= possible
      time = change
    }
    return Number.POSITIVE_INFINITY
  }
}
