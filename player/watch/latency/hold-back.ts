export interface HoldBackOptions {
  /** Bounds of the distance, seconds. */
  minSeconds: number
  maxSeconds: number
  /** Distance to begin with, seconds. */
  initialSeconds: number
}

/** What a sample of playback shows. */
export interface HoldBackSample {
  /** Time of a monotonic clock, ms. */
  atMs: number
  /** Media ahead of the playhead, seconds. */
  bufferSeconds: number
  /** Distance from the live edge, seconds. */
  distanceSeconds: number
}

/** Buffer that should remain at the worst moments, seconds, as a share of the least distance; bounded. */
const marginShare = 0.25
const marginBounds = { min: 0.12, max: 0.35 }
/** Step after a stall, seconds. Longer ones are outages, which no distance would cover. */
const stallStep = 0.4
/** Buffer, in margins, from which a bad moment is over. */
const overMargins = 1.5
/** Error of the distance up to which the present target counts as reached, seconds. */
const reachedSeconds = 0.15
/** Time over which the worst moments are looked at, ms, in slots of `slotMs`. */
const calmMs = 20_000
const slotMs = 1000
/** Time between two decreases, ms, and the share of the needless buffer that each takes away. */
const fallGapMs = 4000
const fallShare = 0.15

/**
 * The distance from the live edge that this network needs. It follows the worst moments of the buffer, which
 * show delays, losses and round trips together: up at once when little was left, slowly down when more than
 * enough was left for a while.
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

    /** To be called several times a second during playback. */
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

    /** To be called when the buffer ran dry. */
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
/** Distance to begin with for each ms of round trip beyond that, seconds. */
const perRttMs = 0.007
/** Bandwidth below which a part takes a good share of its own time to arrive, bits/s, and what to add. */
const slowBits = 1_500_000
const slowSeconds = 0.5

/** Returns the distance to begin with, before anything is known of how steady the link is, seconds. */
export const firstHoldBack = (minSeconds: number, link: { rttMs: number; bits: number }) =>
  minSeconds + Math.max(0, link.rttMs - shortRttMs) * perRttMs + (link.bits < slowBits ? slowSeconds : 0)
