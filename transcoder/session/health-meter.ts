import type { TranscodeHealth } from '../../core/contracts/live-records.ts'

/** One measurement of a transcode. Times of media are session time, ms. */
export interface HealthSample {
  /** Time of the measurement, ms of a steady clock. */
  now: number
  /** Time of the newest media of the source. */
  sourceMs: number
  /** Time up to which the packager has received media of the transcode. */
  mediaEndMs: number
}

/** Time over which the speed is measured, ms. */
const windowMs = 5000
/** Lag, beyond one part or segment, above which a transcode is late, ms. */
const lateMs = 500
/** Lag, beyond one part or segment, below which an overloaded transcode is on time again, ms. */
const onTimeMs = 250
/** Time for which a transcode must be late without catching up before it counts as overloaded, ms. */
const lateForMs = 1000
/** Time for which an overloaded transcode must be on time before it counts as healthy, ms. */
const onTimeForMs = 5000
/** Speed above which a late transcode catches up, media seconds per second. */
const catchUpSpeed = 1.02

/**
 * Creates a meter that shows whether a transcode keeps up with its source. A lag of `pieceMs`, the length of
 * a part or segment, does not count.
 */
export function createHealthMeter(pieceMs: number) {
  const samples: HealthSample[] = []
  let overloaded = false
  /** Time since which measurements contradict `overloaded`; undefined while they agree with it. */
  let turningSince: number | undefined

  return {
    sample(sample: HealthSample): TranscodeHealth {
      samples.push(sample)
      while (samples.length > 2 && sample.now - (samples[1]?.now ?? 0) >= windowMs) samples.shift()
      const first = samples[0] ?? sample
      const passed = sample.now - first.now
      const speed = passed < 1000 ? 1 : (sample.mediaEndMs - first.mediaEndMs) / passed
      const behindMs = Math.max(0, Math.round(sample.sourceMs - sample.mediaEndMs))

      const lag = behindMs - pieceMs
      const isTurning = overloaded ? lag < onTimeMs : lag > lateMs && speed < catchUpSpeed
      turningSince = isTurning ? (turningSince ?? sample.now) : undefined
      const dueMs = overloaded ? onTimeForMs : lateForMs
      if (turningSince !== undefined && sample.now - turningSince >= dueMs) {
        overloaded = !overloaded
        turningSince = undefined
      }
      return { speed: Math.round(speed * 100) / 100, behindMs, overloaded }
    },
  }
}
