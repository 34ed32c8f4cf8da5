import { DeviationMeter } from './deviation-meter.ts'

/**
 * How timestamps were wrong:
 * - `step_back`: they went back.
 * - `step_ahead`: they jumped ahead of the wall clock.
 * - `other_base`: sound and picture count from different times.
 * - `late_packet`: a packet of the clock that was in use before the last step.
 * - `pause`: they did not move while time passed.
 * - `speed`: they run faster or slower than the wall clock.
 * - `stuck`: they do not move at all, or jump all the time. Arrival times are used instead.
 * - `composition`: presentation comes before decoding, or long after it.
 */
export const clockFaults = [
  'step_back',
  'step_ahead',
  'other_base',
  'late_packet',
  'pause',
  'speed',
  'stuck',
  'composition',
] as const
export type ClockFault = (typeof clockFaults)[number]

export interface ClockCorrection {
  fault: ClockFault
  /** How far the timestamps were off, ms; for `speed` the measured speed. */
  amount: number
}

/** A stretch of timestamps that count from one zero. A step begins another. */
interface Base {
  /** Newest timestamp, 32 bits, and the same without wraps. */
  raw: number
  unwrapped: number
  /** Session time of `unwrapped` 0, ms, and session ms for each ms of the source. */
  offset: number
  rate: number
  /** `arrival`: the timestamps are of no use. */
  mode: 'timestamps' | 'arrival'
  usedAt: number
}

interface Track {
  base: Base
  /** Time of its last packet, exact and as returned, ms. */
  exact: number
  placed: number
  arrivedAt: number
  /** Its last timestamp, since when that has not changed, and packets since. */
  raw: number
  sameSince: number
  same: number
  /** Steps in the last seconds, and when the first of them was. */
  steps: number
  steppedAt: number
  meter: DeviationMeter
}

/** A packet may be this much earlier than the one before it, ms, because encoders reorder. */
const maxWobbleMs = 50
/** Timestamps further ahead of the wall clock and of the packet before are wrong, ms. */
const maxAheadMs = 1000
/** More packets than milliseconds may lead this far ahead of the wall clock, ms. */
const maxFloodMs = 5000
/** Sound and picture of one clock are this near to each other as they arrive, ms. */
const maxSkewMs = 500
/** More media than this beyond real time, ms, within that time, ms, is a burst. */
const [maxBurstMs, settlingMs] = [100, 150]
/** The first packet of a second track may be this far from the wall clock, ms. */
const maxFirstOffMs = 1500
/** Time to remember a base after its last packet, ms. */
const baseLifeMs = 30_000
/** A constant deviation of more is corrected at once, ms; of less, slowly. */
const maxDeviationMs = 800
/** A track that is constantly later than the other may only be slow to encode, up to this, ms. */
const maxTrackLagMs = 5000
/** Slow corrections begin at this deviation, ms. */
const slewFromMs = 60
/** Share of the time that slow corrections may take, for small and for large deviations. */
const [slewRate, fastSlewRate] = [0.002, 0.02]
/** Clocks of devices differ by less: that is slewed. */
const speedTolerance = 0.03
/** Below this speed timestamps are useless. */
const minSpeed = 0.1
/** One timestamp for this many packets and this time, ms, is no timestamp. A slide show has fewer packets. */
const [maxSamePackets, maxSameMs] = [8, 1000]
/** More steps of a track in this time, ms, show that its timestamps are useless. */
const [maxSteps, stepWindowMs] = [6, 3000]

/**
 * The one clock of a session. It begins at 0, never runs back within a track, and follows the wall clock,
 * whatever the timestamps of the publisher do. Sound and picture share it and stay in step over a correction;
 * each correction is reported.
 *
 * RTMP timestamps have 32 bits and wrap after 49.7 days (Adobe RTMP 1.0, section 3).
 */
export class SessionClock {
  readonly #onCorrection: (correction: ClockCorrection) => void
  readonly #tracks = new Map<number, Track>()
  #bases: Base[] = []
  /** When time 0 arrived or would have, and when that was last corrected. */
  #zeroAt = 0
  #zeroMovedAt = 0
  /** How much time 0 was moved in the last moment. */
  #burst = { startedAt: 0, ms: 0 }
  #isAnchored = false
  #newest = 0

  constructor(onCorrection: (correction: ClockCorrection) => void = () => {}) {
    this.#onCorrection = onCorrection
  }

  /** Time of the newest packet, ms; undefined before the first. */
  get newestMs(): number | undefined {
    return this.#tracks.size === 0 ? undefined : this.#newest
  }

  /**
   * Whether media has stopped arriving faster than in real time, as it does when a publisher first sends what
   * it has buffered. `now` by the clock of `place`.
   */
  isSettled(now: number): boolean {
    return now - this.#zeroMovedAt > settlingMs
  }

  /**
   * When time 0 arrived or would have, by the clock of `place`. The first call fixes it, so that dates stay
   * true.
   */
  anchor(): number {
    this.#isAnchored = true
    return this.#zeroAt
  }

  /** Session time of a packet, whole ms. `raw` is its RTMP timestamp, `arrivedAt` a steady clock, ms. */
  place(trackId: number, raw: number, arrivedAt: number): number {
    if (this.#tracks.size === 0) this.#zeroAt = arrivedAt
    const wall = arrivedAt - this.#zeroAt
    const known = this.#tracks.get(trackId)
    const base = this.#baseFor(known, raw, wall, arrivedAt)
    const exact = base.mode === 'arrival' ? Math.max(wall, known?.exact ?? 0) : timeIn(base, raw)
    const track = known ?? newTrack(base, arrivedAt)
    if (known === undefined) this.#tracks.set(trackId, track)
    this.#countSame(track, raw, arrivedAt)
    base.unwrapped += (raw - base.raw) | 0
    base.raw = raw >>> 0
    base.usedAt = arrivedAt
    track.base = base
    track.exact = exact
    if (this.#isAnchored && exact > wall + maxAheadMs) this.#shift(base, wall + maxAheadMs - exact)
    track.placed = Math.max(Math.round(track.exact), nextPlace(track, wall))
    track.arrivedAt = arrivedAt
    this.#newest = Math.max(this.#newest, track.placed)
    this.#follow(track, track.exact - wall)
    return track.placed
  }

  /** The base that explains a timestamp, or a new one where none does. */
  #baseFor(track: Track | undefined, raw: number, wall: number, now: number): Base {
    const current = track?.base ?? this.#bases.at(-1)
    if (current?.mode === 'arrival' && track !== undefined) return current
    if (current !== undefined && explains(current, raw, track, wall, now)) return current
    this.#bases = this.#bases.filter((base) => base === current || now - base.usedAt < baseLifeMs)
    const isOther = (base: Base) => base !== current && base.mode === 'timestamps'
    const other = this.#bases.findLast((base) => isOther(base) && explains(base, raw, track, wall, now))
    if (other === undefined) return this.#newBase(current, track, raw, wall, now)
    if (track && this.#bases.indexOf(other) < this.#bases.indexOf(track.base))
      this.#onCorrection({ fault: 'late_packet', amount: 0 })
    return other
  }

  #newBase(
    current: Base | undefined,
    track: Track | undefined,
    raw: number,
    wall: number,
    now: number,
  ): Base {
    const expected = track ? track.exact + Math.max(0, now - track.arrivedAt) : wall
    if (current !== undefined) {
      const amount = timeIn(current, raw) - expected
      const fault = track === undefined ? 'other_base' : amount < 0 ? 'step_back' : 'step_ahead'
      this.#onCorrection({ fault, amount: Math.round(amount) })
      if (track) countStep(track, now)
    }
    const rate = current?.rate ?? 1
    const base: Base = {
      raw: raw >>> 0,
      unwrapped: 0,
      offset: expected,
      rate,
      mode: 'timestamps',
      usedAt: now,
    }
    this.#bases.push(base)
    return base
  }

  /** Keeps a track near the wall clock. */
  #follow(track: Track, ahead: number) {
    if (!this.#isAnchored) {
      // Media cannot come from the future: what comes early shows that the packets before it were late.
      if (ahead > 0) this.#moveZero(ahead, track.arrivedAt)
      return
    }
    if (this.#isUseless(track)) return this.#useArrival(track)
    if (!track.meter.add(ahead, track.exact, track.base.unwrapped, track.arrivedAt)) return
    if (track.base.mode === 'arrival') this.#tryTimestamps(track)
    else this.#judge(track)
  }

  #moveZero(ms: number, now: number) {
    this.#zeroAt -= ms
    if (now - this.#burst.startedAt > settlingMs) this.#burst = { startedAt: now, ms: 0 }
    this.#burst.ms += ms
    if (this.#burst.ms > maxBurstMs) this.#zeroMovedAt = now
  }

  #countSame(track: Track, raw: number, now: number) {
    if (raw !== track.raw) {
      track.raw = raw
      track.sameSince = now
      track.same = 0
    } else track.same++
  }

  #isUseless({ base, same, sameSince, arrivedAt, steps }: Track): boolean {
    if (base.mode === 'arrival') return false
    return (same >= maxSamePackets && arrivedAt - sameSince >= maxSameMs) || steps > maxSteps
  }

  #judge(track: Track) {
    const { off, ahead, speed } = track.meter.last
    if (speed < minSpeed) return this.#useArrival(track)
    const isAlone = this.#peersOf(track).some(
      ({ meter }) => Math.abs(meter.offAt(track.arrivedAt) - off) > maxDeviationMs / 2,
    )
    const isWrongSpeed = Math.abs(speed - 1) > speedTolerance
    if (Math.abs(off) > maxDeviationMs && isWrongSpeed) {
      // A lag that shrinks is that of a network that catches up.
      if (off < 0 && speed > 1) return
      if (isAlone) this.#split(track)
      this.#setSpeed(track, speed)
      if (off < 0) this.#shift(track.base, -ahead)
    } else if (off < -(isAlone ? maxTrackLagMs : maxDeviationMs)) {
      if (isAlone) this.#split(track)
      this.#shift(track.base, -off)
      this.#onCorrection({ fault: 'pause', amount: Math.round(off) })
    } else if (!isAlone && Math.abs(off) > slewFromMs) {
      const most = track.meter.windowMs * (off > maxDeviationMs ? fastSlewRate : slewRate)
      this.#shift(track.base, -Math.sign(off) * Math.min(Math.abs(off), most))
    }
  }

  /** Tracks that share the base of a track and are active. */
  #peersOf(track: Track): Track[] {
    return [...this.#tracks.values()].filter(
      (other) =>
        other !== track &&
        other.base === track.base &&
        track.arrivedAt - other.arrivedAt < track.meter.windowMs,
    )
  }

  /** Moves a track to a base of its own, at the same time. */
  #split(track: Track) {
    track.base = { ...track.base }
    this.#bases.push(track.base)
  }

  #setSpeed({ base }: Track, speed: number) {
    const rate = base.rate / speed
    base.offset += base.unwrapped * (base.rate - rate)
    base.rate = rate
    for (const track of this.#tracks.values()) if (track.base === base) track.meter.restart()
    this.#onCorrection({ fault: 'speed', amount: speed })
  }

  #shift(base: Base, ms: number) {
    base.offset += ms
    for (const track of this.#tracks.values()) {
      if (track.base !== base) continue
      track.exact += ms
      track.meter.shift(ms)
    }
  }

  #useArrival(track: Track) {
    this.#split(track)
    track.base.mode = 'arrival'
    track.steps = 0
    track.meter.restart()
    this.#onCorrection({ fault: 'stuck', amount: 0 })
  }

  /** Goes back to timestamps that move again, at any steady speed. */
  #tryTimestamps(track: Track) {
    const { rawSpeed, formerRawSpeed } = track.meter.last
    if (rawSpeed < minSpeed || Math.abs(rawSpeed / formerRawSpeed - 1) > speedTolerance) return
    const base = track.base
    base.mode = 'timestamps'
    base.rate = Math.abs(rawSpeed - 1) > speedTolerance ? 1 / rawSpeed : 1
    base.offset = track.exact - base.unwrapped * base.rate
    track.meter.restart()
  }
}

const newTrack = (base: Base, arrivedAt: number): Track => ({
  base,
  exact: 0,
  placed: -1,
  arrivedAt,
  raw: -1,
  sameSince: arrivedAt,
  same: 0,
  steps: 0,
  steppedAt: arrivedAt,
  meter: new DeviationMeter(),
})

/**
 * The earliest time of the next packet. Packets have times of their own, which distinguish them,
 * unless there are more of them than milliseconds.
 */
const nextPlace = ({ placed }: Track, wall: number) => (placed < wall + maxFloodMs ? placed + 1 : placed)

const timeIn = ({ raw: known, unwrapped, offset, rate }: Base, raw: number) =>
  (unwrapped + ((raw - known) | 0)) * rate + offset

/** Whether a timestamp, counted from a base, can be that of the next packet of a track. */
function explains(base: Base, raw: number, track: Track | undefined, wall: number, now: number): boolean {
  const time = timeIn(base, raw)
  if (track === undefined) return Math.abs(time - wall) <= maxFirstOffMs
  const step = time - track.exact
  if (step < -maxWobbleMs) return false
  if (base === track.base) return step <= maxAheadMs || time <= wall + maxAheadMs
  return step <= now - track.arrivedAt + maxSkewMs
}

function countStep(track: Track, now: number) {
  if (now - track.steppedAt > stepWindowMs) {
    track.steppedAt = now
    track.steps = 0
  }
  track.steps++
}
