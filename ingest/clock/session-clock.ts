import type { OnCorrection } from './clock-fault.ts'
import { ClockTrack } from './clock-track.ts'
import { SessionZero } from './session-zero.ts'
import { TimeBase, TimeBases } from './time-base.ts'
import { WallFollower } from './wall-follower.ts'

/**
 * Maximum time by which a packet may be earlier than the one before in its track, ms. Some encoders reorder
 * packets.
 */
const maxWobbleMs = 50
/**
 * Maximum lead over the wall clock, ms. A timestamp with a larger lead is an error if it is also this far
 * ahead of the packet before.
 */
const maxAheadMs = 1000
/**
 * Lead over the wall clock up to which each packet of a track has a later session time than the one before,
 * ms. Beyond it packets may share a time, so that a publisher that sends more than one packet per ms does not
 * lead further.
 */
const maxFloodMs = 5000
/**
 * When a track changes to another known base, its session time may step ahead by the time since its last
 * packet and at most this much more, ms.
 */
const maxSkewMs = 500
/** Maximum distance from the wall clock of a track's first packet, if it counts from a known base, ms. */
const maxFirstOffMs = 1500

/**
 * A packet: its timestamp, 32 bits; and its time of arrival, in ms since session time 0 (`wall`) and in ms of
 * a steady clock (`now`).
 */
interface Arrival {
  raw: number
  wall: number
  now: number
}

/**
 * The clock of one publish, for sound and picture together. It begins at 0, or later when the session had a
 * publish before. It never goes back in a track and follows the wall clock, whatever the timestamps of the
 * publisher do. Sound and picture that count from the same time stay in step. Faults of the timestamps are
 * reported.
 */
export class SessionClock {
  readonly #onCorrection: OnCorrection
  readonly #tracks = new Map<number, ClockTrack>()
  readonly #bases = new TimeBases()
  readonly #zero = new SessionZero()
  readonly #follower: WallFollower
  readonly #startMs: () => number
  #newest = 0

  /** `startMs` returns the session time of the first packet, ms. It is called when that packet arrives. */
  constructor(onCorrection: OnCorrection = () => {}, startMs = () => 0) {
    this.#onCorrection = onCorrection
    this.#startMs = startMs
    this.#follower = new WallFollower({ tracks: this.#tracks, bases: this.#bases, onCorrection })
  }

  /** Highest session time so far, ms; undefined before the first packet. */
  get newestMs(): number | undefined {
    return this.#tracks.size === 0 ? undefined : this.#newest
  }

  /** Whether the burst with which many publishers begin is over. `now` is of the same clock as in `place`. */
  isSettled(now: number): boolean {
    return this.#zero.isSettled(now)
  }

  /**
   * Returns when session time 0 arrived, or would have arrived without network delays, ms of the clock of
   * `place`. The first call fixes that time, so that dates that were derived from it stay true.
   */
  anchor(): number {
    this.#zero.fix()
    return this.#zero.at
  }

  /**
   * Returns the session time of a packet, whole ms. `timestamp` is that of its RTMP message, `now` its time
   * of arrival, ms of a steady clock.
   */
  place(trackId: number, timestamp: number, now: number): number {
    if (this.#tracks.size === 0) this.#zero.begin(now, this.#startMs())
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

  /**
   * Corrects a track that deviates from the wall clock. Before the first call of `anchor` it moves session
   * time 0 instead.
   */
  #follow(track: ClockTrack, wall: number) {
    const ahead = track.exact - wall
    if (!this.#zero.isFixed) {
      // An early packet shows that those before it were delayed, because none can arrive before its time.
      if (ahead > 0) this.#zero.moveBack(ahead, track.arrivedAt)
      return
    }
    if (ahead > maxAheadMs) this.#follower.shift(track.base, maxAheadMs - ahead)
    this.#follower.follow(track, Math.min(ahead, maxAheadMs))
  }

  /** Returns the base that explains a timestamp; a new one when no known base does. */
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
 * Returns the earliest session time for a packet, ms: 1 ms after the last one of its track, or the same time
 * when the track is `maxFloodMs` ahead of the wall clock.
 */
const nextPlace = ({ placed }: ClockTrack, wall: number) => (placed < wall + maxFloodMs ? placed + 1 : placed)

/**
 * Whether the timestamp `raw`, counted from `base`, can be that of the next packet of the track; of its first
 * packet when `track` is undefined.
 */
function explains(base: TimeBase, track: ClockTrack | undefined, { raw, wall, now }: Arrival): boolean {
  const time = base.timeOf(raw)
  if (track === undefined) return Math.abs(time - wall) <= maxFirstOffMs
  const step = time - track.exact
  if (step < -maxWobbleMs) return false
  if (base === track.base) return step <= maxAheadMs || time <= wall + maxAheadMs
  return step <= now - track.arrivedAt + maxSkewMs
}
