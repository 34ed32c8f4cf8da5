import { createHoldBack, firstHoldBack } from './hold-back.ts'

/** Keeps playback at a target distance from the live edge: plays slightly faster or slower, or jumps. */
export interface LatencyController {
  /** Target distance from the live edge, seconds. */
  readonly targetSeconds: number
  /** Returns the playback rate, or a jump to the target distance. Must be called several times a second. */
  steer(sample: LatencySample): Steering
  /** Must be called when the buffer has run dry. `atMs` is on the clock of the samples. */
  stalled(atMs: number): void
  /** Must be called when a lower rendition is loaded. `atMs` is on the clock of the samples. */
  renditionFell(atMs: number): void
}

interface LatencySample {
  /** Time of a monotonic clock, ms. */
  atMs: number
  /** Distance of the playhead from the live edge, seconds. */
  distanceSeconds: number
  /** Media buffered ahead of the playhead, seconds. */
  bufferSeconds: number
  /** Distance to keep beyond the minimum whatever the link did so far, seconds; 0 by default. */
  reserveSeconds?: number
}

type Steering = { kind: 'rate'; rate: number } | { kind: 'jump' }

export interface LatencyOptions {
  /** Minimum distance from the live edge, seconds: usually PART-HOLD-BACK or HOLD-BACK of the playlist. */
  holdBackSeconds: number
  /** Duration of one part, or of one segment where segments are loaded, seconds. */
  pieceSeconds: number
  /** Maximum playback rate, 1.1 by default. */
  maxRate?: number
  /** Minimum playback rate, 0.95 by default. */
  minRate?: number
  /** Round trip, ms, and bandwidth, bits/s, as known at the start; undefined to disregard them. */
  link?: { rttMs: number; bits: number } | undefined
}

/**
 * Excess distance above which playback jumps, even beyond the buffer, seconds: catching up would take too
 * long. While joining, it does so only with less than `dryJumpSeconds` in the buffer, because more media is
 * on its way, and a jump away from buffered media stops the picture.
 */
const jumpBeyondSeconds = 3
const dryJumpSeconds = 0.3
/** Excess distance above which playback jumps within the buffer, where a jump causes no wait, seconds. */
const bufferedJumpBeyondSeconds = 1
/**
 * Replaces `bufferedJumpBeyondSeconds` while joining. Typical joins begin nearer and need no jump, which
 * viewers would notice.
 */
const joinJumpBeyondSeconds = 0.6
/** Time from the first sample during which playback counts as joining, ms. A jump ends it. */
const joiningMs = 5000
/** Minimum time between two jumps, ms. */
const jumpGapMs = 5000
/**
 * Share of the target distance that must remain buffered after a jump. With less, the jump would end in a
 * stall.
 */
const landingShare = 0.4
/**
 * Share of the target distance that must be buffered to play faster. With less, the media arrives too late
 * for the target, and playing faster would end in a stall.
 */
const hurryShare = 0.3
/** Minimum target distance, seconds. Browsers need it however small the parts are. */
const minTargetSeconds = 0.52
/** Time by which the picture on the screen is older than the playhead, seconds: about a frame. */
const frameSeconds = 0.03
/**
 * Errors of the distance at which a correction starts and stops, seconds. They differ, so that the rate does
 * not change all the time.
 */
const startError = 0.03
const stopError = 0.01
/** Change of the playback rate per second of error in the distance. */
const gain = 0.5
/**
 * Weight of a new sample in the smoothed distance. The samples are noisy because playlists and parts arrive
 * in steps.
 */
const smoothing = 0.3
/**
 * Maximum target distance, seconds. If the minimum target and one part or segment add up to more, their sum
 * is the maximum.
 */
const maxTargetSeconds = 5

/**
 * Creates a controller. Its minimum target is `holdBackSeconds` less `frameSeconds`, but at least
 * `minTargetSeconds`: PART-HOLD-BACK is the least distance that a player should keep (RFC 8216bis, section
 * 4.4.3.8). On a link that needs more, the target is greater (`hold-back.ts`).
 */
export function createLatencyController({
  holdBackSeconds,
  pieceSeconds,
  maxRate = 1.1,
  minRate = 0.95,
  link = { rttMs: 0, bits: Number.POSITIVE_INFINITY },
}: LatencyOptions): LatencyController {
  const minSeconds = Math.max(holdBackSeconds - frameSeconds, minTargetSeconds)
  const holdBack = createHoldBack({
    minSeconds,
    maxSeconds: Math.max(maxTargetSeconds, minSeconds + pieceSeconds),
    initialSeconds: firstHoldBack(minSeconds, link),
  })
  const isJumpDue = createJumpRule()
  // With less buffer than this, playback slows down: media arrives one part or segment at a time, and the
  // buffer could run dry before the next.
  const dryBufferSeconds = Math.min(0.15, pieceSeconds / 2)
  let smoothed: number | undefined
  let isCorrecting = false

  return {
    get targetSeconds() {
      return holdBack.seconds
    },

    renditionFell: holdBack.renditionFell,
    stalled(atMs) {
      holdBack.stalled(atMs)
      smoothed = undefined
    },

    steer(sample) {
      const { distanceSeconds, bufferSeconds } = sample
      holdBack.follow(sample)
      const target = holdBack.seconds
      if (isJumpDue(sample, target)) {
        smoothed = undefined
        return { kind: 'jump' }
      }
      smoothed =
        smoothed === undefined ? distanceSeconds : smoothed + smoothing * (distanceSeconds - smoothed)
      const error = smoothed - target
      isCorrecting = Math.abs(error) > (isCorrecting ? stopError : startError)
      if (bufferSeconds < dryBufferSeconds) return { kind: 'rate', rate: minRate }
      if (!isCorrecting) return { kind: 'rate', rate: 1 }
      const spare = Math.max(0, bufferSeconds - hurryShare * target)
      const rate = Math.min(maxRate, Math.max(minRate, 1 + gain * Math.min(error, spare)))
      return { kind: 'rate', rate: Math.round(rate * 100) / 100 }
    },
  }
}

/**
 * Returns a function that decides whether to jump. It remembers when playback joined and when it last jumped:
 * joining playback may jump earlier, and two jumps are at least `jumpGapMs` apart.
 */
function createJumpRule() {
  let joinedAt: number | undefined
  let jumpedAt: number | undefined

  function isDue({ atMs, distanceSeconds, bufferSeconds }: LatencySample, targetSeconds: number): boolean {
    joinedAt ??= atMs
    const excess = distanceSeconds - targetSeconds
    if (jumpedAt !== undefined && atMs - jumpedAt < jumpGapMs) return false
    const isJoining = jumpedAt === undefined && atMs - joinedAt < joiningMs
    if (excess > jumpBeyondSeconds && (!isJoining || bufferSeconds < dryJumpSeconds)) return true
    const beyond = isJoining ? joinJumpBeyondSeconds : bufferedJumpBeyondSeconds
    return excess > beyond && bufferSeconds > excess + landingShare * targetSeconds
  }

  return (sample: LatencySample, targetSeconds: number): boolean => {
    const isJump = isDue(sample, targetSeconds)
    if (isJump) jumpedAt = sample.atMs
    return isJump
  }
}
