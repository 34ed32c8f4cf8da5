import type { OnCorrection } from './clock-fault.ts'
import type { ClockTrack } from './clock-track.ts'
import type { TimeBase, TimeBases } from './time-base.ts'

/** Deviation above which a wrong speed, or a lag at the right speed, is corrected at once, ms. */
const maxDeviationMs = 800
/** Maximum lag of one track alone, ms. Encoders may delay one track more than the other. */
const maxTrackLagMs = 5000
/** Deviation above which slow corrections begin, ms. */
const slewFromMs = 60
/**
 * Share of elapsed time by which slow corrections move session time: the second for a lead above
 * `maxDeviationMs`, otherwise the first.
 */
const [slewRate, fastSlewRate] = [0.002, 0.02]
/** Maximum relative error of a speed that counts as right. Clocks of devices differ by less. */
const speedTolerance = 0.03
/** Speed below which timestamps count as useless. */
const minSpeed = 0.1

export interface FollowerDependencies {
  tracks: ReadonlyMap<number, ClockTrack>
  bases: TimeBases
  onCorrection: OnCorrection
}

/**
 * Corrects the tracks of a session when their deviation meters show that they deviate from the wall clock.
 */
export class WallFollower {
  readonly #tracks: ReadonlyMap<number, ClockTrack>
  readonly #bases: TimeBases
  readonly #onCorrection: OnCorrection

  constructor({ tracks, bases, onCorrection }: FollowerDependencies) {
    this.#tracks = tracks
    this.#bases = bases
    this.#onCorrection = onCorrection
  }

  /** Checks a track after a packet; `ahead` is its lead over the wall clock, ms. */
  follow(track: ClockTrack, ahead: number): void {
    if (track.isUseless) this.#useArrival(track)
    else if (track.meter.add(ahead, track.exact, track.base.elapsedRaw, track.arrivedAt)) {
      if (track.base.usesArrival) this.#tryTimestamps(track)
      else this.#judge(track)
    }
  }

  /** Moves the session time of all tracks that count from `base` by `ms`. */
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
      // Not every deviation is a fault of the timestamps. A lag that shrinks means that the network catches
      // up. An unsteady speed comes from a slow network or encoder, or from a burst. But a burst affects both
      // tracks, so a lead of one track alone is always a fault.
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

  /** Returns the other active tracks that count from the same base. */
  #peersOf(track: ClockTrack): ClockTrack[] {
    return [...this.#tracks.values()].filter(
      (other) =>
        other !== track &&
        other.base === track.base &&
        track.arrivedAt - other.arrivedAt < track.meter.windowMs,
    )
  }

  /** Moves a track to a base of its own, so that a correction does not move the other track. */
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

  /** Uses the timestamps of a track again once they move at a steady speed. */
  #tryTimestamps(track: ClockTrack) {
    const { rawSpeed, formerRawSpeed } = track.meter.last
    if (rawSpeed < minSpeed || Math.abs(rawSpeed / formerRawSpeed - 1) > speedTolerance) return
    const rate = Math.abs(rawSpeed - 1) > speedTolerance ? 1 / rawSpeed : 1
    track.base.resumeAt(track.exact, rate)
    track.rebase(track.base)
  }
}
