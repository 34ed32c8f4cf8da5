import type { OnCorrection } from './clock-fault.ts'
import type { ClockTrack } from './clock-track.ts'
import type { TimeBase, TimeBases } from './time-base.ts'

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

/** What it keeps near the wall clock. */
export interface FollowerDependencies {
  tracks: ReadonlyMap<number, ClockTrack>
  bases: TimeBases
  onCorrection: OnCorrection
}

/** Keeps the tracks of a session near the wall clock, by what their deviation meters show. */
export class WallFollower {
  readonly #tracks: ReadonlyMap<number, ClockTrack>
  readonly #bases: TimeBases
  readonly #onCorrection: OnCorrection

  constructor({ tracks, bases, onCorrection }: FollowerDependencies) {
    this.#tracks = tracks
    this.#bases = bases
    this.#onCorrection = onCorrection
  }

  /** Checks a track after a packet that is `ahead` of the wall clock, ms. */
  follow(track: ClockTrack, ahead: number): void {
    if (track.isUseless) this.#useArrival(track)
    else if (track.meter.add(ahead, track.exact, track.base.elapsedRaw, track.arrivedAt)) {
      if (track.base.usesArrival) this.#tryTimestamps(track)
      else this.#judge(track)
    }
  }

  /** Moves all tracks of a base, ms. */
  shift(base: TimeBase, ms: number): void {
    base.shift(ms)
    for (const track of this.#tracks.values()) {
      if (track.base !== base) continue
      track.exact += ms
      track.meter.shift(ms)
    }
  }

  #judge(track: ClockTrack) {
    const { off, ahead, speed, rawSpeed, formerRawSpeed } = track.meter.last
    if (speed < minSpeed) return this.#useArrival(track)
    const isAlone = this.#peersOf(track).some(
      ({ meter }) => Math.abs(meter.offAt(track.arrivedAt) - off) > maxDeviationMs / 2,
    )
    const isWrongSpeed = Math.abs(speed - 1) > speedTolerance
    if (Math.abs(off) > maxDeviationMs && isWrongSpeed) {
      // A lag that shrinks is that of a network that catches up. What is not steady is that of a network or an
      // encoder that is too slow, or of both tracks that come in a burst: only a clock is steadily wrong.
      const isSteady = Math.abs(rawSpeed / formerRawSpeed - 1) <= speedTolerance
      if (off < 0 ? speed > 1 || !isSteady : !isSteady && !isAlone) return
      if (isAlone) this.#split(track)
      this.#setSpeed(track.base, speed)
      if (off < 0) this.shift(track.base, -ahead)
    } else if (off < -(isAlone ? maxTrackLagMs : maxDeviationMs)) {
      if (isAlone) this.#split(track)
      this.shift(track.base, -off)
      this.#onCorrection({ fault: 'pause', amount: Math.round(off) })
    } else if (!isAlone && Math.abs(off) > slewFromMs) {
      const most = track.meter.windowMs * (off > maxDeviationMs ? fastSlewRate : slewRate)
      this.shift(track.base, -Math.sign(off) * Math.min(Math.abs(off), most))
    }
  }

  /** Tracks that share the base of a track and are active. */
  #peersOf(track: ClockTrack): ClockTrack[] {
    return [...this.#tracks.values()].filter(
      (other) =>
        other !== track &&
        other.base === track.base &&
        track.arrivedAt - other.arrivedAt < track.meter.windowMs,
    )
  }

  /** Moves a track to a base of its own, at the same time. */
  #split(track: ClockTrack) {
    track.base = track.base.copy()
    this.#bases.add(track.base, track.arrivedAt)
  }

  #setSpeed(base: TimeBase, speed: number) {
    base.changeRate(base.rate / speed)
    for (const track of this.#tracks.values()) if (track.base === base) track.meter.restart()
    this.#onCorrection({ fault: 'speed', amount: speed })
  }

  #useArrival(track: ClockTrack) {
    this.#split(track)
    track.base.usesArrival = true
    track.rebase(track.base)
    this.#onCorrection({ fault: 'stuck', amount: 0 })
  }

  /** Goes back to timestamps that move again, at any steady speed. */
  #tryTimestamps(track: ClockTrack) {
    const { rawSpeed, formerRawSpeed } = track.meter.last
    if (rawSpeed < minSpeed || Math.abs(rawSpeed / formerRawSpeed - 1) > speedTolerance) return
    const rate = Math.abs(rawSpeed - 1) > speedTolerance ? 1 / rawSpeed : 1
    track.base.resumeAt(track.exact, rate)
    track.rebase(track.base)
  }
}
