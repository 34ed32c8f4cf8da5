import type { Conditions } from './conditions.ts'

/** Packets that a new connection may have on the way (RFC 6928). */
const initialPackets = 10
/** Maximum number of packets on the way: 4 MB, about the largest buffer of Linux. */
const maxPackets = 2800
const minPackets = 2
/** Share of the window that remains after a loss (RFC 9438, section 4.6). */
const afterLoss = 0.7
/** Time besides the round trip after which an idle sender trusts its window less, ms (RFC 6298 in Linux). */
const idleMs = 200

/** Number of packets of a round trip whose time in the queue decides about slow start (RFC 9406). */
const samplesOfRound = 8
/** Bounds of the time in the queue that ends slow start, ms; between them it is an eighth of a round trip. */
const [minQueueMs, maxQueueMs] = [4, 16]

/** Why a packet is lost: by chance, or because the queue is full. */
export type Loss = 'random' | 'overflow'

/** A packet, with its number in the connection and its time in the queue. */
export interface SentPacket {
  readonly number: number
  queueMs: number
}

/** State of a connection when a packet arrives. */
interface Flight {
  /** Number of packets on the way, that one included. */
  inFlight: number
  /** Number of packets that have been sent so far. */
  sent: number
  rttMs: number
}

/**
 * The congestion window of a TCP sender, packets. It begins with 10 and doubles in each round trip (slow
 * start). A loss reduces it to 70 %, once per round trip. Then it grows by a packet per round trip. With the
 * congestion control `bbr` only a full queue has that effect. After a random loss the window then grows by
 * slow start to its former size, so such a loss costs rate for about one round trip, as with BBR, which does
 * not take it for a full queue. With `reno`, 2 % of losses at 100 ms leave 1 Mbit/s of any rate, which is
 * about what CUBIC reaches.
 *
 * Slow start ends before there is a loss when the first packets of a round trip have to queue (HyStart++,
 * RFC 9406).
 *
 * After a time without packets it is halved for each timeout, down to 10 (RFC 2861, as Linux does).
 */
export class SendWindow {
  #packets = initialPackets
  /** Size up to which slow start grows the window. */
  #threshold = maxPackets
  #reducedAt = Number.NEGATIVE_INFINITY
  #usedAt = Number.NEGATIVE_INFINITY
  /** The round trip in progress: number of the packet that ends it, packets seen, shortest time in the queue. */
  #round = { end: 0, seen: 0, queueMs: Number.POSITIVE_INFINITY }

  get packets(): number {
    return this.#packets
  }

  /** Notes that a packet is sent when none was on the way. */
  resumed(now: number, rttMs: number): void {
    const timeouts = Math.floor((now - this.#usedAt) / (idleMs + rttMs))
    if (timeouts < 1 || this.#packets <= initialPackets) return
    this.#threshold = Math.max(this.#threshold, 0.75 * this.#packets)
    this.#packets = Math.max(initialPackets, this.#packets / 2 ** timeouts)
  }

  /** Notes that a packet has arrived. */
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
