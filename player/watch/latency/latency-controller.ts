/** Keeps playback at a fixed distance from the live edge by playing slightly faster or slower. */
export interface LatencyController {
  /** Target distance from the live edge, seconds. */
  readonly targetSeconds: number
  /** Returns how to continue. To be called several times a second. */
  steer(sample: LatencySample): Steering
  /**
   * Records that the buffer ran dry, at a time on the clock of the samples. Increases the target distance.
   */
  stalled(atMs: number): void
}

interface LatencySample {
  /** Time of a monotonic clock, ms. */
  atMs: number
  /** Distance of the playhead from the live edge, seconds. */
  distanceSeconds: number
  /** Media buffered ahead of the playhead, seconds. */
  bufferSeconds: number
}

type Steering = { kind: 'rate'; rate: number } | { kind: 'jump' }

export interface LatencyOptions {
  /** PART-HOLD-BACK or HOLD-BACK of the playlist, seconds: the minimum distance from the live edge. */
  holdBackSeconds: number
  /** Duration of the parts, or segments, in which media arrives, seconds. */
  pieceSeconds: number
  /** Maximum playback rate. */
  maxRate?: number
  /** Minimum playback rate. */
  minRate?: number
}

/** Excess distance at which catching up would take too long, seconds: jump, even beyond the buffer. */
const jumpBeyondSeconds = 3
/** Excess distance at which to jump within the buffer, where a jump causes no wait, seconds. */
const bufferedJumpBeyondSeconds = 1
/**
 * The same while joining, seconds. Typical joins begin nearer and need no jump, which viewers would notice.
 */
const joinJumpBeyondSeconds = 0.6
/** Time from the first sample for which playback counts as joining, ms. */
const joiningMs = 5000
/** Minimum time between two jumps, ms. */
const jumpGapMs = 5000
/** Share of the target distance that has to remain buffered after a jump, or it would end in a stall. */
const landingShare = 0.4
/** Minimum target distance, seconds. Browsers need it however small the parts are. */
const minTargetSeconds = 0.55
/** Errors at which a correction starts and stops, seconds. The hysteresis keeps the rate constant. */
const startError = 0.06
const stopError = 0.015
/** Change of the rate per second of error. */
const gain = 0.5
/** Weight of a new sample. The distance is noisy because playlists and parts arrive in steps. */
const smoothing = 0.3
/** Time without a stall after which the allowance for stalls decreases, ms. */
const calmMs = 30_000
/** Minimum step of the allowance for stalls, seconds. */
const minStepSeconds = 0.1

/**
 * Targets the hold-back of the playlist, or slightly more ("clients should hold back from the end of the
 * playlist", RFC 8216bis 4.4.3.8).
 */
export function createLatencyController({
  holdBackSeconds,
  pieceSeconds,
  maxRate = 1.1,
  minRate = 0.95,
}: LatencyOptions): LatencyController {
  const allowance = createStallAllowance(pieceSeconds)
  const isJumpDue = createJumpRule()
  // Below this the buffer is about to run dry: it holds less than a small part of what arrives at once.
  const dryBufferSeconds = Math.min(0.15, pieceSeconds / 2)
  let smoothed: number | undefined
  let isCorrecting = false

  const target = () => Math.max(holdBackSeconds, minTargetSeconds) + allowance.seconds

  return {
    get targetSeconds() {
      return target()
    },

    stalled(atMs) {
      allowance.increase(atMs)
      smoothed = undefined
    },

    steer(sample) {
      const { atMs, distanceSeconds, bufferSeconds } = sample
      allowance.relax(atMs)
      if (isJumpDue(sample, target())) {
        smoothed = undefined
        return { kind: 'jump' }
      }
      smoothed =
        smoothed === undefined ? distanceSeconds : smoothed + smoothing * (distanceSeconds - smoothed)
      const error = smoothed - target()
      isCorrecting = Math.abs(error) > (isCorrecting ? stopError : startError)
      if (bufferSeconds < dryBufferSeconds) return { kind: 'rate', rate: minRate }
      if (!isCorrecting) return { kind: 'rate', rate: 1 }
      const rate = Math.min(maxRate, Math.max(minRate, 1 + gain * error))
      return { kind: 'rate', rate: Math.round(rate * 100) / 100 }
    },
  }
}

/** Distance added after stalls. It decreases step by step while there are none. */
function createStallAllowance(pieceSeconds: number) {
  const step = Math.max(minStepSeconds, pieceSeconds / 2)
  const maxSeconds = Math.max(3 * pieceSeconds, 1)
  let seconds = 0
  let calmSince: number | undefined

  return {
    get seconds() {
      return seconds
    },
    increase(atMs: number) {
      seconds = Math.min(maxSeconds, seconds + step)
      calmSince = atMs
    },
    relax(atMs: number) {
      calmSince ??= atMs
      if (seconds === 0 || atMs - calmSince < calmMs) return
      seconds = Math.max(0, seconds - step / 2)
      calmSince = atMs
    },
  }
}

/** Decides at each sample whether to jump to the target distance. */
function createJumpRule() {
  let joinedAt: number | undefined
  let jumpedAt: number | undefined

  function isDue({ atMs, distanceSeconds, bufferSeconds }: LatencySample, targetSeconds: number): boolean {
    joinedAt ??= atMs
    const excess = distanceSeconds - targetSeconds
    if (jumpedAt !== undefined && atMs - jumpedAt < jumpGapMs) return false
    if (excess > jumpBeyondSeconds) return true
    const isJoining = jumpedAt === undefined && atMs - joinedAt < joiningMs
    const beyond = isJoining ? joinJumpBeyondSeconds : bufferedJumpBeyondSeconds
    return excess > beyond && bufferSeconds > excess + landingShare * targetSeconds
  }

  return (sample: LatencySample, targetSeconds: number): boolean => {
    const isJump = isDue(sample, targetSeconds)
    if (isJump) jumpedAt = sample.atMs
    return isJump
  }
}
