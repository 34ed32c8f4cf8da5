/** Keeps playback at a fixed distance from the live edge by playing a little faster or slower. */
export interface LatencyController {
  /** Where playback should be, seconds behind the live edge. */
  readonly targetSeconds: number
  /** Looks at a sample and says how to play on; call it several times a second. */
  steer(sample: LatencySample): Steering
  /** Playback ran dry at `atMs`: keep more distance from now on. */
  stalled(atMs: number): void
}

export interface LatencySample {
  /** Any steady clock, ms. */
  atMs: number
  /** Distance of the playhead from the live edge, seconds. */
  distanceSeconds: number
  /** Media in hand ahead of the playhead, seconds. */
  bufferSeconds: number
}

export type Steering = { kind: 'rate'; rate: number } | { kind: 'jump' }

export interface LatencyOptions {
  /** PART-HOLD-BACK or HOLD-BACK of the playlist, seconds: never nearer to the live edge than this. */
  holdBackSeconds: number
  /** Length of the pieces that media comes in, seconds. */
  pieceSeconds: number
  /** Fastest rate. */
  maxRate?: number
  /** Slowest rate. */
  minRate?: number
}

/** Beyond this error, seconds, catching up would take too long: jump, even to where nothing is loaded yet. */
const jumpBeyondSeconds = 3
/** A jump within the buffer costs no wait: it pays sooner, and sooner still while the viewer has hardly seen a frame. */
const coveredJumpBeyondSeconds = 1
/** A usual join begins nearer than this: it is steered into place without a jump, which viewers would see. */
const joinJumpBeyondSeconds = 0.6
/** How long joining lasts at most, and the rest after a jump, ms. */
const joiningMs = 5000
const jumpRestMs = 5000
/** A jump within the buffer leaves at least this share of the target in hand: landing at its end would run dry. */
const landingShare = 0.4
/** However small the parts, a browser needs this distance to ride out its own hiccups, seconds. */
const minTargetSeconds = 0.55
/** Error that starts a correction, and that which ends it, seconds: the hysteresis keeps the rate still. */
const startError = 0.06
const stopError = 0.015
/** Rate change per second of error. */
const gain = 0.5
/** Weight of a new sample; the distance jumps about as playlists and parts arrive. */
const smoothing = 0.3
/** Without a stall for so long, ms, the distance that stalls added goes down by a step again. */
const calmMs = 30_000
const minStepSeconds = 0.1

/** Targets the hold-back of the playlist, or a little more ("clients should hold back from the end of the playlist", RFC 8216bis §4.4.3.8). */
export function createLatencyController({
  holdBackSeconds,
  pieceSeconds,
  maxRate = 1.1,
  minRate = 0.95,
}: LatencyOptions): LatencyController {
  const step = Math.max(minStepSeconds, pieceSeconds / 2)
  const maxAllowance = Math.max(3 * pieceSeconds, 1)
  // About to run dry: less in hand than a small part of what comes at once.
  const dryBufferSeconds = Math.min(0.15, pieceSeconds / 2)
  let allowance = 0
  let calmSince: number | undefined
  let smoothed: number | undefined
  let correcting = false
  let joinedAt: number | undefined
  let jumpedAt: number | undefined

  const target = () => Math.max(holdBackSeconds, minTargetSeconds) + allowance

  function relax(atMs: number) {
    calmSince ??= atMs
    if (allowance === 0 || atMs - calmSince < calmMs) return
    allowance = Math.max(0, allowance - step / 2)
    calmSince = atMs
  }

  function shouldJump(excess: number, bufferSeconds: number, atMs: number): boolean {
    joinedAt ??= atMs
    if (jumpedAt !== undefined && atMs - jumpedAt < jumpRestMs) return false
    if (excess > jumpBeyondSeconds) return true
    const isJoining = jumpedAt === undefined && atMs - joinedAt < joiningMs
    const beyond = isJoining ? joinJumpBeyondSeconds : coveredJumpBeyondSeconds
    return excess > beyond && bufferSeconds > excess + landingShare * target()
  }

  return {
    get targetSeconds() {
      return target()
    },

    stalled(atMs) {
      allowance = Math.min(maxAllowance, allowance + step)
      calmSince = atMs
      smoothed = undefined
    },

    steer({ atMs, distanceSeconds, bufferSeconds }) {
      relax(atMs)
      if (shouldJump(distanceSeconds - target(), bufferSeconds, atMs)) {
        jumpedAt = atMs
        smoothed = undefined
        return { kind: 'jump' }
      }
      smoothed =
        smoothed === undefined ? distanceSeconds : smoothed + smoothing * (distanceSeconds - smoothed)
      const error = smoothed - target()
      correcting = Math.abs(error) > (correcting ? stopError : startError)
      if (bufferSeconds < dryBufferSeconds) return { kind: 'rate', rate: minRate }
      if (!correcting) return { kind: 'rate', rate: 1 }
      const rate = Math.min(maxRate, Math.max(minRate, 1 + gain * error))
      return { kind: 'rate', rate: Math.round(rate * 100) / 100 }
    },
  }
}
