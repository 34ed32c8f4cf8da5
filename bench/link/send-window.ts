import type { Conditions } from './conditions.ts'

/** Number of packets that a new connection may have on the way (RFC 6928). */
const initialPackets = 10
/** Maximum number of packets on the way: 4 MB, the largest send buffer of Linux by default. */
const maxPackets = 2800
const minPackets = 2
/** Share of the window that remains after a loss (RFC 9438, section 4.6). */
const afterLoss = 0.7
/** Time that the retransmission timeout adds to the round trip, ms, as in Linux. */
const idleMs = 200

/** Number of packets at the start of a round trip that decide whether slow start ends (RFC 9406). */
const samplesOfRound = 8
/** Slow start ends when packets wait in the queue for an eighth of a round trip, within these bounds, ms. */
const [minQueueMs, maxQueueMs] = [4, 16]

/** Why a packet is lost: at random, or because the queue is full. */
export type Loss = 'random' | 'overflow'

/** A packet: its number in the flow, from 0, and its time in the queue, ms. */
export interface SentPacket {
  readonly number: number
  queueMs: number
}

/** State of a connection when a packet is acknowledged. */
interface Flight {
  /** Number of packets on the way, including the acknowledged one. */
  inFlight: number
  /** Number of packets that have been sent so far, repetitions not counted. */
  sent: number
  rttMs: number
}

/**
 * The congestion window of a TCP sender, packets. It begins with 10 and doubles in each round trip (slow
 * start). A loss reduces it to 70 %, at most once per round trip. Then it grows by a packet per round trip.
 *
 * With the congestion control `bbr`, slow start restores the former size after a random loss. Such a loss
 * costs rate for about one round trip, because BBR does not take it for a full queue. With `reno`, 2 % of
 * losses at a round trip of 100 ms limit the rate to about 1.7 Mbit/s.
 *
 * Slow start also ends when the first 8 packets of a round trip all wait in the queue (HyStart++, RFC 9406).
 *
 * The window is halved for each retransmission timeout that passes without packets, down to 10 (RFC 2861).
 */
export class SendWindow {
  #packets = initialPackets
  /** Size up to which slow start grows the window. */
  #threshold = maxPackets
  #reducedAt = Number.NEGATIVE_INFINITY
  #usedAt = Number.NEGATIVE_INFINITY
  /** The present round trip: first packet of the next one, packets seen, shortest time in the queue. */
  #round = { end: 0, seen: 0, queueMs: Number.POSITIVE_INFINITY }

  get packets(): number {
    return this.#packets
  }

  /** Called before a packet is sent while none is on the way. Halves the window for each idle timeout. */
  resumed(now: number, rttMs: number): void {
    const timeouts = Math.floor((now - this.#usedAt) / (idleMs + rttMs))
    if (timeouts < 1 || this.#packets <= initialPackets) return
    this.#threshold = Math.max(this.#threshold, 0.75 * this.#packets)
    this.#packets = Math.max(initialPackets, this.#packets / 2 ** timeouts)
  }

  /** Called for each acknowledged packet. Grows the window, but only while the flow fills it. */
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
