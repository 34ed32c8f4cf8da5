import type { OnCorrection } from './clock-fault.ts'
import { ClockTrack } from './clock-track.ts'
import { SessionZero } from './session-zero.ts'
import { TimeBase, TimeBases } from './time-base.ts'
import { WallFollower } from './wall-follower.ts'

/** A packet may be this much earlier than the one before it, ms, because encoders reorder. */
const maxWobbleMs = 50
/** Timestamps further ahead of the wall clock and of the packet before are wrong, ms. */
const maxAheadMs = 1000
/** More packets than milliseconds may lead this far ahead of the wall clock, ms. */
const maxFloodMs = 5000
/** Sound and picture of one clock are this near to each other as they arrive, ms. */
const maxSkewMs = 500
/** The first packet of a second track may be this far from the wall clock, ms. */
const maxFirstOffMs = 1500

/** A packet, with its time on the wall since session time 0, ms. */
interface Arrival {
  raw: number
  wall: number
  now: number
}

/**
 * The one clock of a session. It begins at 0, rises in each track, and follows the wall clock, whatever the
 * timestamps of the publisher do. Sound and picture share it and stay in step over a correction; each
 * correction is reported.
 */
export class SessionClock {
  readonly #onCorrection: OnCorrection
  readonly #tracks = new Map<number, ClockTrack>()
  readonly #bases = new TimeBases()
  readonly #zero = new SessionZero()
  readonly #follower: WallFollower
  #newest = 0

  constructor(onCorrection: OnCorrection = () => {}) {
    this.#onCorrection = onCorrection
    this.#follower = new WallFollower({ tracks: this.#tracks, bases: this.#bases, onCorrection })
  }

  /** Time of the newest packet, ms; undefined before the first. */
  get newestMs(): number | undefined {
    return this.#tracks.size === 0 ? undefined : this.#newest
  }

  /** Whether a burst at the beginning is over. `now` by the clock of `place`. */
  isSettled(now: number): boolean {
    return this.#zero.isSettled(now)
  }

  /**
   * When time 0 arrived or would have, by the clock of `place`. The first call fixes it, so that dates stay
   * true.
   */
  anchor(): number {
    this.#zero.fix()
    return this.#zero.at
  }

  /**
   * Session time of a packet, whole ms. `raw` is its RTMP timestamp, `now` when it arrived, steady clock, ms.
   */
  place(trackId: number, timestamp: number, now: number): number {
    if (this.#tracks.size === 0) this.#zero.begin(now)
    const raw = timestamp >>> 0
    const wall = now - this.#zero.at
    const known = this.#tracks.get(trackId)
    const base = this.#baseFor(known, { raw, wall, now })
    const track = known ?? new ClockTrack(base, now)
    if (known === undefined) this.#tracks.set(trackId, track)
    track.exact = base.usesArrival ? Math.max(wall, track.exact) : base.timeOf(raw)
    track.base = base
    track.arrive(raw, now)
    base.advance(raw, now)
    this.#follow(track, wall)
    track.placed = Math.max(Math.round(track.exact), nextPlace(track, wall))
    this.#newest = Math.max(this.#newest, track.placed)
    return track.placed
  }

  /** Keeps a track near the wall clock. */
  #follow(track: ClockTrack, wall: number) {
    const ahead = track.exact - wall
    if (!this.#zero.isFixed) {
      // Media cannot come from the future: what comes early shows that the packets before it were late.
      if (ahead > 0) this.#zero.moveBack(ahead, track.arrivedAt)
      return
    }
    if (ahead > maxAheadMs) this.#follower.shift(track.base, maxAheadMs - ahead)
    this.#follower.follow(track, Math.min(ahead, maxAheadMs))
  }

  /** The base that explains a timestamp, or a new one where none does. */
  #baseFor(track: ClockTrack | undefined, arrival: Arrival): TimeBase {
    const current = track?.base ?? this.#bases.newest
    if (track?.base.usesArrival) return track.base
    if (current !== undefined && explains(current, track, arrival)) return current
    const other = this.#bases.findOther(current, arrival.now, (base) => explains(base, track, arrival))
    if (other === undefined) return this.#newBase(current, track, arrival)
    if (track && this.#bases.isOlder(other, track.base))
      this.#onCorrection({ fault: 'late_packet', amount: 0 })
    return other
  }

  #newBase(
    current: TimeBase | undefined,
    track: ClockTrack | undefined,
    { raw, wall, now }: Arrival,
  ): TimeBase {
    const expected = track ? track.exact + Math.max(0, now - track.arrivedAt) : wall
    if (current !== undefined) {
      const amount = current.timeOf(raw) - expected
      const fault = track === undefined ? 'other_base' : amount < 0 ? 'step_back' : 'step_ahead'
      this.#onCorrection({ fault, amount: Math.round(amount) })
      track?.step(now)
    }
    const base = new TimeBase({ raw, timeMs: expected, rate: current?.rate ?? 1, now })
    this.#bases.add(base, now)
    return base
  }
}

/**
 * The earliest time of the next packet. Packets have times of their own, which distinguish them, unless there
 * are more of them than milliseconds.
 */
const nextPlace = ({ placed }: ClockTrack, wall: number) => (placed < wall + maxFloodMs ? placed + 1 : placed)

/** Whether a timestamp, counted from a base, can be that of the next packet of a track. */
function explains(base: TimeBase, track: ClockTrack | undefined, { raw, wall, now }: Arrival): boolean {
  const time = base.timeOf(raw)
  if (track === undefined) return Math.abs(time - wall) <= maxFirstOffMs
  const step = time - track.exact
  if (step < -maxWobbleMs) return false
  if (base === track.base) return step <= maxAheadMs || time <= wall + maxAheadMs
  return step <= now - track.arrivedAt + maxSkewMs
}
