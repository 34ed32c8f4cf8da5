import type { TranscodeHealth } from '../../core/contracts/live-records.ts'

/** One measurement of a transcode. Media times are ms in the source's timestamps. */
export interface HealthSample {
  /** Time of a steady clock, ms. */
  now: number
  /** Newest timestamp of the source. */
  sourceMs: number
  /** End of the published media. */
  mediaEndMs: number
}

/** Time over which the speed is measured, ms. */
const windowMs = 5000
/** Lag beyond one piece of media above which a transcode is late, ms: half of what players hold back. */
const lateMs = 500
/** Lag below which it is on time again, ms. */
const onTimeMs = 250
/** Time for which a transcode must be late without catching up until it counts as overloaded, ms. */
const lateForMs = 1000
/** Time for which it must be on time until it no longer does, ms. */
const onTimeForMs = 5000
/** Speed above which a late transcode catches up, media seconds per second. */
const catchUpSpeed = 1.02

/**
 * Compares media time with wall-clock time to find whether a transcode keeps up. Media is published in pieces
 * (parts or segments) of `pieceMs`, so a lag of one piece does not count.
 */
export function createHealthMeter(pieceMs: number) {
  const samples: HealthSample[] = []
  let overloaded = false
  /** Since when measurements speak for the other state. */
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
    /** Forgets the measurements, because another run begins. The state remains. */
    restart(): void {
      samples.length = 0
      turningSince = undefined
    },
  }
}
