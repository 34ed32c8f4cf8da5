import { createRandom } from '../../test/kit/random.ts'
import type { Schedule } from './conditions.ts'
import { EventQueue } from './event-queue.ts'
import { Flow, type FlowLink, headerBytes, type Receiver } from './flow.ts'
import type { Loss } from './send-window.ts'
import { type Direction, Wire } from './wire.ts'

/** Time for which the additional delay stays the same, ms. */
const jitterSlotMs = 100
/** Time after which a lost packet of a handshake is sent again, ms (RFC 6298). It doubles with each loss. */
const synTimeoutMs = 1000

export interface LinkFigures {
  /** Number of TCP handshakes that were begun. */
  connections: number
  /** Bytes on the wire to the viewer and from the viewer, with the headers of packets. */
  downBytes: number
  upBytes: number
  /** Number of packets lost at random, and because the queue was full. */
  lost: Record<Loss, number>
}

export type Link = ReturnType<typeof createLink>

/**
 * Creates a link that all connections of one viewer share. It has no clock: calls name the time, ms since the
 * start of the schedule, and `advance` must be called at `nextAt`.
 *
 * @param seed whole number. The same seed and the same traffic have the same losses and delays.
 */
export function createLink(schedule: Schedule, seed: number) {
  const events = new EventQueue()
  const random = createRandom(seed)
  const jitterRandom = createRandom(seed + 1)
  const jitters: number[] = []
  const wires: Record<Direction, Wire> = {
    down: new Wire(schedule, 'down'),
    up: new Wire(schedule, 'up'),
  }
  const figures = { connections: 0, lost: { random: 0, overflow: 0 } }

  const host: FlowLink = {
    events,
    conditions: schedule.at,
    random,
    jitter(now) {
      const slot = Math.floor(now / jitterSlotMs)
      while (jitters.length <= slot) jitters.push(jitterRandom())
      return (jitters[slot] ?? 0) * schedule.at(now).jitterMs
    },
    countLoss(loss) {
      figures.lost[loss] += 1
    },
  }

  /** Sends one packet of a handshake, and again after `timeoutMs` if lost. `onArrival` gets the time. */
  function sendSyn(now: number, direction: Direction, timeoutMs: number, onArrival: (at: number) => void) {
    const { rttMs, loss } = schedule.at(now)
    const until = wires[direction].send(now, headerBytes)
    if (until === undefined || random() < loss) {
      host.countLoss(until === undefined ? 'overflow' : 'random')
      events.add(now + timeoutMs, (at) => sendSyn(at, direction, 2 * timeoutMs, onArrival))
    } else events.add(until + rttMs / 2 + host.jitter(until), onArrival)
  }

  return {
    schedule,
    events,
    /** Time of the next event, ms; Infinity when there is none. */
    get nextAt() {
      return events.nextAt
    },
    /** Runs all events until `now`. */
    advance: (now: number): void => events.advance(now),
    /** Calls `onOpen` when the handshake of a new connection is over, a round trip from now or later. */
    handshake(now: number, onOpen: (at: number) => void): void {
      figures.connections += 1
      sendSyn(now, 'up', synTimeoutMs, (at) => sendSyn(at, 'down', synTimeoutMs, onOpen))
    },
    /** Creates one direction of a connection. It sends to `receiver`. */
    flow: (direction: Direction, receiver: Receiver): Flow => new Flow(host, wires[direction], receiver),
    figures: (): LinkFigures => ({
      ...figures,
      lost: { ...figures.lost },
      downBytes: wires.down.sentBytes,
      upBytes: wires.up.sentBytes,
    }),
  }
}
