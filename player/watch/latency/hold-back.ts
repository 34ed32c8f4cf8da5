export interface HoldBackOptions {
  /** Bounds of the distance from the live edge, seconds. */
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
  /** Distance to keep beyond `minSeconds` whatever the lateness, seconds; 0 by default. */
  reserveSeconds?: number
}

/** Buffer that should remain at the worst moments: a share of `minSeconds`, within bounds in seconds. */
const marginShare = 0.25
const marginBounds = { min: 0.12, max: 0.35 }
/**
 * Increase of the distance after a stall, seconds. A longer stall does not increase the distance more: it is
 * an outage, which no distance would cover.
 */
const stallStep = 0.4
/** Buffer above which a shortage or a stall is over, as a multiple of the margin. */
const overMargins = 1.5
/** Maximum shortfall of the distance with which the target counts as reached, seconds. */
const reachedSeconds = 0.15
/**
 * Periods over which lateness is remembered, ms, and the buffer that a decrease of the distance must leave at
 * the worst moment of each period, as a multiple of the margin. Recent lateness needs more buffer.
 */
const memories = [
  { ms: 10_000, margins: 2 },
  { ms: 45_000, margins: 1.5 },
]
const longestMemoryMs = Math.max(...memories.map(({ ms }) => ms))
/** Minimum times before a decrease, ms: after the start, after a stall, and after the last change. */
const startCalmMs = 8000
const stallCalmMs = 10_000
const fallGapMs = 2000
/** Length of a slot, ms. Only the maximum lateness of each slot is kept. */
const slotMs = 1000
/** Share of the needless distance that one decrease removes, and the maximum of a decrease, seconds. */
const fallShare = 0.3
const maxFallSeconds = 0.2
/**
 * Maximum time after a stall or a change to a lower rendition during which lateness is not remembered, ms,
 * and the share of the distance that the buffer has when it ends earlier. The media that was held up arrives
 * then; the next will be less late.
 */
const backlogMs = 6000
const backlogShare = 0.5

/**
 * Finds the distance from the live edge that this network needs. It depends on the lateness of the media: the
 * distance of the end of the buffer from the live edge, caused by delays, losses and round trips. The
 * distance increases at once when little buffer is left, and decreases slowly while the media has been less
 * late for some time.
 */
export function createHoldBack({ minSeconds, maxSeconds, initialSeconds }: HoldBackOptions) {
  const clamp = (seconds: number) => Math.min(maxSeconds, Math.max(minSeconds, seconds))
  const margin = Math.min(marginBounds.max, Math.max(marginBounds.min, minSeconds * marginShare))
  const lateness = createMaxima()
  let seconds = clamp(initialSeconds)
  const until: { calm?: number; backlog: number } = { backlog: Number.NEGATIVE_INFINITY }
  let changedAt = Number.NEGATIVE_INFINITY
  let isBad = false

  function set(next: number, atMs: number) {
    seconds = clamp(next)
    changedAt = atMs
  }

  /** Forgets the lateness so far, and does not remember that of the media that was held up. */
  function awaitBacklog(atMs: number) {
    until.backlog = atMs + backlogMs
    lateness.clear()
  }

  /** Returns the distance with which enough buffer would have remained in each of the `memories`, seconds. */
  const needed = (atMs: number) =>
    Math.max(...memories.map(({ ms, margins }) => lateness.since(atMs - ms) + margins * margin))

  return {
    get seconds() {
      return seconds
    },

    /** Adjusts the distance. Must be called several times a second during playback. */
    follow({ atMs, bufferSeconds, distanceSeconds, reserveSeconds = 0 }: HoldBackSample): void {
      const leastSeconds = minSeconds + reserveSeconds
      until.calm ??= atMs + startCalmMs
      if (seconds < leastSeconds) set(leastSeconds, atMs)
      if (bufferSeconds > distanceSeconds * backlogShare) until.backlog = atMs
      if (atMs >= until.backlog) lateness.add(atMs, distanceSeconds - bufferSeconds)
      const isReached = distanceSeconds >= seconds - reachedSeconds
      if (bufferSeconds > margin * overMargins) isBad = false
      // A shortage of buffer increases the distance only once, even if it lasts.
      if (bufferSeconds < margin && isReached && !isBad) {
        isBad = true
        set(seconds + (margin - bufferSeconds) + margin / 2, atMs)
      }
      if (atMs < until.calm || atMs - changedAt < fallGapMs) return
      const needless = seconds - Math.max(leastSeconds, needed(atMs))
      if (needless > 0) set(seconds - Math.min(maxFallSeconds, needless * fallShare), atMs)
    },

    /**
     * Must be called when a lower rendition is loaded. How late the media of the higher one was says nothing
     * about the lower one. `atMs` is on the clock of the samples.
     */
    renditionFell: awaitBacklog,

    /**
     * Increases the distance, unless media that an earlier stall held up still arrives. Must be called when
     * the buffer has run dry. `atMs` is on the clock of the samples.
     */
    stalled(atMs: number): void {
      const isAgain = atMs < until.backlog
      until.calm = atMs + stallCalmMs
      awaitBacklog(atMs)
      if (isAgain) return
      isBad = true
      set(seconds + stallStep, atMs)
    },
  }
}

/** Keeps the maximum of a value in each slot of `slotMs`, for `longestMemoryMs`. */
function createMaxima() {
  const slots = new Map<number, number>()
  return {
    add(atMs: number, value: number): void {
      const slot = Math.floor(atMs / slotMs)
      slots.set(slot, Math.max(value, slots.get(slot) ?? Number.NEGATIVE_INFINITY))
      for (const old of slots.keys()) if (old < slot - longestMemoryMs / slotMs) slots.delete(old)
    },
    /** Returns the maximum since `atMs`; -Infinity without a value. */
    since: (atMs: number) =>
      Math.max(...[...slots].map(([slot, value]) => (slot >= Math.floor(atMs / slotMs) ? value : -Infinity))),
    clear: () => slots.clear(),
  }
}

/** Round trip up to which the playlist's hold-back is enough, ms. */
const shortRttMs = 40
/** Distance that is added for each ms of round trip beyond `shortRttMs`, seconds. */
const perRttMs = 0.007
/**
 * Bandwidth below which `slowSeconds` are added, bits/s: a part then takes a large share of its duration to
 * arrive.
 */
const slowBits = 1_500_000
const slowSeconds = 0.5

/**
 * Returns the distance from the live edge to begin with, seconds, before it is known how steady the link is.
 * `bits` is the bandwidth, bits/s.
 */
export const firstHoldBack = (minSeconds: number, link: { rttMs: number; bits: number }) =>
  minSeconds + Math.max(0, link.rttMs - shortRttMs) * perRttMs + (link.bits < slowBits ? slowSeconds : 0)
