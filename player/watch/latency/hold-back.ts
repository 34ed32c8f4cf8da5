export interface HoldBackOptions {
  /** Bounds of the distance, seconds. */
  minSeconds: number
  maxSeconds: number
  /** Distance to begin with, seconds. */
  initialSeconds: number
}

export interface HoldBackSample {
  /** Time of a monotonic clock, ms. */
  atMs: number
  /** Media ahead of the playhead, seconds. */
  bufferSeconds: number
  /** Distance from the live edge, seconds. */
  distanceSeconds: number
}

/** Buffer that should remain at the worst moments: a share of `minSeconds`, within bounds in seconds. */
const marginShare = 0.25
const marginBounds = { min: 0.12, max: 0.35 }
/**
 * Increase of the distance after a stall, seconds. A longer stall does not increase it more: it is an outage,
 * and no distance would cover that.
 */
const stallStep = 0.4
/** Buffer above which a bad moment or a stall is over, in margins. */
const overMargins = 1.5
/** Error of the distance up to which the present target counts as reached, seconds. */
const reachedSeconds = 0.15
/**
 * Minimum time from the start or from a stall to a decrease of the distance, ms. The least buffer of that
 * time decides; it is kept in slots of `slotMs`.
 */
const calmMs = 20_000
const slotMs = 1000
/**
 * Minimum time from a change of the distance to a decrease, ms, and the share of the needless buffer that a
 * decrease takes away.
 */
const fallGapMs = 4000
const fallShare = 0.15

/**
 * Finds the distance from the live edge that this network needs. It follows the worst moments of the buffer,
 * which show delays, losses and round trips together: up at once when little was left, slowly down when more
 * than enough was left for a while.
 */
export function createHoldBack({ minSeconds, maxSeconds, initialSeconds }: HoldBackOptions) {
  const clamp = (seconds: number) => Math.min(maxSeconds, Math.max(minSeconds, seconds))
  const margin = Math.min(marginBounds.max, Math.max(marginBounds.min, minSeconds * marginShare))
  const slots = new Map<number, number>()
  let seconds = clamp(initialSeconds)
  let changedAt = Number.NEGATIVE_INFINITY
  let since: number | undefined
  let isBad = false
  let isStalled = false

  function note({ atMs, bufferSeconds }: HoldBackSample) {
    since ??= atMs
    const slot = Math.floor(atMs / slotMs)
    slots.set(slot, Math.min(bufferSeconds, slots.get(slot) ?? Number.POSITIVE_INFINITY))
    for (const old of slots.keys()) if (old < slot - calmMs / slotMs) slots.delete(old)
  }

  function set(next: number, atMs: number) {
    seconds = clamp(next)
    changedAt = atMs
  }

  return {
    get seconds() {
      return seconds
    },

    /** Adjusts the distance. Must be called several times a second during playback. */
    follow(sample: HoldBackSample): void {
      note(sample)
      const { atMs, bufferSeconds, distanceSeconds } = sample
      const isReached = distanceSeconds >= seconds - reachedSeconds
      if (bufferSeconds > margin * overMargins) isBad = isStalled = false
      // One bad moment increases the distance once, also when it lasts.
      if (bufferSeconds < margin && isReached && !isBad) {
        isBad = true
        set(seconds + (margin - bufferSeconds) + margin / 2, atMs)
      }
      const isCalm = atMs - (since ?? atMs) > calmMs && atMs - changedAt > fallGapMs
      const needless = Math.min(...slots.values()) - 2 * margin
      if (isCalm && needless > 0 && seconds > minSeconds) set(seconds - needless * fallShare, atMs)
    },

    /**
     * Increases the distance, once per stall. Must be called when the buffer ran dry, at `atMs` on the clock
     * of the samples.
     */
    stalled(atMs: number): void {
      since = atMs
      slots.clear()
      if (isStalled) return
      isStalled = true
      isBad = true
      set(seconds + stallStep, atMs)
    },
  }
}

/** Round trip up to which the playlist's hold-back is enough, ms. */
const shortRttMs = 40
/** Distance that is added for each ms of round trip beyond `shortRttMs`, seconds. */
const perRttMs = 0.007
/**
 * Bandwidth below which `slowSeconds` are added, bits/s: a part then takes a good share of its duration to
 * arrive.
 */
const slowBits = 1_500_000
const slowSeconds = 0.5

/**
 * Returns the distance to begin with, seconds, before it is known how steady the link is. `bits` is its
 * bandwidth, bits/s.
 */
export const firstHoldBack = (minSeconds: number, link: { rttMs: number; bits: number }) =>
  minSeconds + Math.max(0, link.rttMs - shortRttMs) * perRttMs + (link.bits < slowBits ? slowSeconds : 0)
