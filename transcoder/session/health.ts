import type { TranscodeHealth } from '../../core/contracts/live-records.ts'

/** One look at a transcode. Media times in ms of the source's timestamps. */
export interface HealthSample {
  /** A steady clock, ms. */
  now: number
  /** Newest timestamp that came from the source. */
  sourceMs: number
  /** End of the media that went out. */
  mediaEndMs: number
}

/** Speed is measured over this time, ms. */
const windowMs = 5000
/** Lag beyond one piece of media from which a transcode is late, ms: half of what players hold back. */
const lateMs = 500
/** Lag below which it is on time again, ms. */
const onTimeMs = 250
/** It is overloaded when it was late for so long without catching up, and no more when it was on time for so long, ms. */
const lateForMs = 1000
const onTimeForMs = 5000

/**
 * Tells from media time against wall-clock time whether a transcode keeps up. Media goes out in pieces (parts or
 * segments) of `pieceMs`, so a lag of one piece is none.
 */
export function createHealthMeter(pieceMs: number) {
  const samples: HealthSample[] = []
  let overloaded = false
  /** Since when the other state would be due. */
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
      const isTurning = overloaded ? lag < onTimeMs : lag > lateMs && speed < 1.02
      turningSince = isTurning ? (turningSince ?? sample.now) : undefined
      const dueMs = overloaded ? onTimeForMs : lateForMs
      if (turningSince !== undefined && sample.now - turningSince >= dueMs) {
        overloaded = !overloaded
        turningSince = undefined
      }
      return { speed: Math.round(speed * 100) / 100, behindMs, overloaded }
    },
    /** Forgets the past: another epoch begins. The state stays. */
    restart(): void {
      samples.length = 0
      turningSince = undefined
    },
  }
}
