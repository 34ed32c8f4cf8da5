import type { Conditions } from './conditions.ts'

/** Number of packets that a new connection may have on the way (RFC 6928). */
const initialPackets = 10
/** Maximum number of packets on the way: 4 MB, about the largest send buffer of Linux by default. */
const maxPackets = 2800
const minPackets = 2
/** Share of the window that remains after a loss (RFC 9438, section 4.6). */
const afterLoss = 0.7
/** Retransmission timeout beyond the round trip, ms (Linux). An idle sender reduces its window after it. */
const idleMs = 200

/**
 * Number of packets in each round trip whose time in the queue decides whether slow start ends (RFC 9406).
 */
const samplesOfRound = 8
/** Bounds of the time in the queue that ends slow start, ms. Between them it is an eighth of a round trip. */
const [minQueueMs, maxQueueMs] = [4, 16]

/** Why a packet is lost: at random, or because the queue is full. */
export type Loss = 'random' | 'overflow'

/** A packet: its number in the flow, from 0, and its time in the queue, ms. */
export interface SentPacket {
  readonly number: number
  queueMs: number
}

/** State of a flow when a packet is acknowledged. */
interface Flight {
  /** Number of packets on the way, including that one. */
  inFlight: number
  /** Number of packets that have been sent so far. */
  sent: number
  rttMs: number
}

/**
 * The congestion window of a TCP sender, packets. It begins with 10 and doubles in each round trip (slow
 * start). A loss reduces it to 70 %, once per round trip. Then it grows by a packet per round trip.
 *
 * With the congestion control `bbr` a random loss has a smaller effect: slow start then returns the window to
 * its former size, because BBR does not take such a loss for a full queue. With `reno` a random loss has the
 * same effect as a full queue: 2 % of losses at a round trip of 100 ms leave about 1.7 Mbit/s of 5 Mbit/s or
 * more.
 *
 * Slow start also ends when the first packets of a round trip have to queue (HyStart++, RFC 9406).
 *
 * When nothing was on the way for a time, the window is halved for each timeout in it, down to 10 (RFC 2861,
 * as Linux does).
 */
export class SendWindow {
  #packets = initialPackets
  /** Size up to which slow start grows the window. */
  #threshold = maxPackets
  #reducedAt = Number.NEGATIVE_INFINITY
  #usedAt = Number.NEGATIVE_INFINITY
  /**
   * The round trip in progress: number of the first packet after it, packets acknowledged in it, and their
   * shortest time in the queue, ms.
   */
  #round = { end: 0, seen: 0, queueMs: Number.POSITIVE_INFINITY }

  get packets(): number {
    return this.#packets
  }

  /** Called before a packet is sent while none is on the way. */
  resumed(now: number, rttMs: number): void {
    const timeouts = Math.floor((now - this.#usedAt) / (idleMs + rttMs))
    if (timeouts < 1 || this.#packets <= initialPackets) return
    this.#threshold = Math.max(this.#threshold, 0.75 * this.#packets)
    this.#packets = Math.max(initialPackets, this.#packets / 2 ** timeouts)
  }

  /** Called when the acknowledgement of a packet arrives. */
  acknowledged(now: number, { number, queueMs }: SentPacket, flight: Flight): void {
    const { inFlight, sent, rttMs } = flight
    this.#usedAt = now
    if (number >= this.#round.end) this.#round = { end: sent, seen: 0, queueMs: Number.POSITIVE_INFINITY }
    this.#sample(queueMs, rttMs)
    if (inFlight < this.#packets - 1) return
    const growth = this.#packets < this.#threshold ? 1 : 1 / this.#packets
    this.#packets = Math.min(maxPackets, this.#packets + growth)
  }

  #sample(queueMs: number, rttMs: number): void {
    const round = this.#round
    round.seen += 1
    round.queueMs = Math.min(round.queueMs, queueMs)
    const limitMs = Math.min(maxQueueMs, Math.max(minQueueMs, rttMs / 8))
    if (round.seen === samplesOfRound && round.queueMs >= limitMs)
      this.#threshold = Math.min(this.#threshold, this.#packets)
  }

  lost(now: number, loss: Loss, { rttMs, congestion }: Conditions): void {
    if (now - this.#reducedAt < rttMs) return
    this.#reducedAt = now
    const former = this.#packets
    this.#packets = Math.max(minPackets, former * afterLoss)
    this.#threshold = congestion === 'bbr' && loss === 'random' ? former : this.#packets
  }
}
