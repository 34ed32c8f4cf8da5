import type { Conditions } from './conditions.ts'
import type { EventQueue } from './event-queue.ts'
import { type Loss, SendWindow, type SentPacket } from './send-window.ts'
import type { Wire } from './wire.ts'

/** Maximum payload of a packet, and the size of its IP and TCP headers, bytes. */
export const packetBytes = 1448
export const headerBytes = 52
/**
 * Round trips until a lost packet is sent again. A fast retransmit takes about one, the probe for a lost tail
 * two (RFC 8985).
 */
const repeatAfterRtts = 1.5

/** The part of a link that a flow uses. */
export interface FlowLink {
  readonly events: EventQueue
  conditions(now: number): Conditions
  /** Returns the additional delay at a time, ms. */
  jitter(now: number): number
  /** Returns a random number from 0 to below 1. */
  random(): number
  /** Called for each lost packet, also when it is a repetition. */
  countLoss(loss: Loss): void
}

export interface Receiver {
  /** Called with the data in order; null is the end of the stream. */
  deliver(data: Buffer | null): void
  /** Returns whether the receiver takes more data. When this turns true, `Flow.pump` must be called. */
  isOpen(): boolean
  /** Called after packets were sent, with the bytes that still wait at the sender. */
  onSent(pendingBytes: number): void
}

interface Packet extends SentPacket {
  data: Buffer | null
  hasArrived: boolean
}

/**
 * One direction of one TCP connection over a link. Packets leave as the window allows and wait in the link's
 * queue. Lost packets are sent again. Delivery is in order: a lost packet holds up those behind it.
 */
export class Flow {
  readonly #link: FlowLink
  readonly #wire: Wire
  readonly #receiver: Receiver
  readonly #window = new SendWindow()
  /** Data that has not been sent. */
  #pending: Buffer[] = []
  #pendingBytes = 0
  #hasEnd = false
  /** Packets that have not been delivered, in order. */
  #sent: Packet[] = []
  #inFlight = 0
  /** Number of packets that have been sent so far, repetitions not counted. */
  #count = 0
  #isClosed = false

  constructor(link: FlowLink, wire: Wire, receiver: Receiver) {
    this.#link = link
    this.#wire = wire
    this.#receiver = receiver
  }

  /** Bytes that were passed to `send` and have not been sent. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** Adds data to send; null ends the stream. */
  send(now: number, data: Buffer | null): void {
    if (data === null) this.#hasEnd = true
    else {
      this.#pending.push(data)
      this.#pendingBytes += data.length
    }
    this.pump(now)
  }

  /** Drops all data. Packets on the way still occupy the wire. */
  close(): void {
    this.#isClosed = true
    this.#pending = []
    this.#pendingBytes = 0
    this.#sent = []
  }

  /** Sends packets as the window and the receiver allow. */
  pump(now: number): void {
    let hasSent = false
    while (!this.#isClosed && this.#inFlight < this.#window.packets && this.#receiver.isOpen()) {
      const data = this.#takePacket()
      if (data === undefined) break
      hasSent = true
      if (this.#inFlight === 0) this.#window.resumed(now, this.#link.conditions(now).rttMs)
      this.#inFlight += 1
      const packet = { data, hasArrived: false, number: this.#count, queueMs: 0 }
      this.#count += 1
      this.#sent.push(packet)
      this.#transmit(now, packet)
    }
    if (hasSent) this.#receiver.onSent(this.#pendingBytes)
  }

  /**
   * Takes the payload of the next packet: null at the end of the stream, undefined when there is nothing to
   * send.
   */
  #takePacket(): Buffer | null | undefined {
    const [first] = this.#pending
    if (first === undefined) {
      const isEnd = this.#hasEnd
      this.#hasEnd = false
      return isEnd ? null : undefined
    }
    if (first.length > packetBytes) this.#pending[0] = first.subarray(packetBytes)
    else this.#pending.shift()
    const data = first.subarray(0, packetBytes)
    this.#pendingBytes -= data.length
    return data
  }

  #transmit(now: number, packet: Packet): void {
    const conditions = this.#link.conditions(now)
    packet.queueMs = this.#wire.freeAt(now) - now
    const until = this.#wire.send(now, (packet.data?.length ?? 0) + headerBytes)
    if (until === undefined || this.#link.random() < conditions.loss) {
      const loss = until === undefined ? 'overflow' : 'random'
      this.#link.countLoss(loss)
      // The sender learns of the loss from the packets behind this one, so not before the queue has been
      // sent.
      const noticedAt = this.#wire.freeAt(now) + repeatAfterRtts * conditions.rttMs
      this.#link.events.add(noticedAt, (at) => {
        this.#window.lost(at, loss, conditions)
        if (!this.#isClosed) this.#transmit(at, packet)
      })
      return
    }
    const arrivesAt = until + conditions.rttMs / 2 + this.#link.jitter(until)
    this.#link.events.add(arrivesAt, (at) => this.#arrived(at, packet))
  }

  #arrived(now: number, packet: Packet): void {
    packet.hasArrived = true
    while (this.#sent[0]?.hasArrived) this.#receiver.deliver(this.#sent.shift()?.data ?? null)
    const { rttMs } = this.#link.conditions(now)
    this.#link.events.add(now + rttMs / 2 + this.#link.jitter(now), (at) => {
      this.#window.acknowledged(at, packet, { inFlight: this.#inFlight, sent: this.#count, rttMs })
      this.#inFlight -= 1
      this.pump(at)
    })
  }
}
