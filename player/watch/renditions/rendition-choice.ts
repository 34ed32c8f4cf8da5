import type { DeliveryMode } from '../network/delivery-mode.ts'
import type { ThroughputEstimate } from '../network/throughput.ts'

/** A video rendition. Lists of renditions are in ascending order of bitrate. */
interface ChoiceLevel {
  /** Peak and average bitrate including the audio, bits/s. */
  peak: number
  average: number
}

export interface ChoiceSample {
  /** Time of a monotonic clock, ms. */
  atMs: number
  levels: readonly ChoiceLevel[]
  /** Index of the rendition that is loaded now. */
  current: number
  /** Highest allowed index. It follows from the size of the picture on the screen. */
  max: number
  estimate: ThroughputEstimate
  mode: DeliveryMode
  /** Whether the media that is being loaded would arrive after the buffer has run dry. */
  isLate: boolean
  /** Media ahead of the playhead, and the distance that playback aims for, seconds. */
  bufferSeconds: number
  targetSeconds: number
}

export interface Choice {
  level: number
  why: ChoiceReason
}

export type ChoiceReason =
  | 'fits'
  | 'room above'
  | 'waiting before a rise'
  | 'buffer too short for a rise'
  | 'link gets slower'
  | 'buffer lasts'
  | 'link too slow'
  | 'buffer runs out'
  | 'size of the picture'

/**
 * Maximum shares of the bandwidth that the average and the peak bitrate of a rendition may take for a change
 * up to it. Segments are loaded where round trips are long. Each change takes several of them there, short
 * transfers show the bandwidth only roughly, and the link is idle while a request is under way.
 */
const riseShares = { parts: { average: 0.83, peak: 0.9 }, segments: { average: 0.42, peak: 0.5 } }
/**
 * The same for a change up from a rendition whose average bitrate takes at most `shortShare` of the
 * bandwidth. Its parts are short transfers, which end before they have shown what the link carries.
 */
const shortRiseShares = { average: 0.95, peak: 1 }
const shortShare = 0.5
/** Maximum share of the bandwidth that the average bitrate may take to stay with a rendition. */
const stayShare = 0.9
/**
 * Share of the bandwidth that media can use, and time for which the buffer must last to stay with a rendition
 * that takes more, s. A link that is slow for a few seconds only is no reason for a change then.
 */
const usableShare = 0.97
const lastingSeconds = 4
/** Share of the bandwidth above which the peak bitrate counts as the cause of a buffer that runs out. */
const dangerPeakShare = 0.7
/**
 * Maximum share of the bandwidth that the peak bitrate of the first rendition may take, within `startMs`: it
 * was chosen before the bandwidth was known.
 */
const startShare = 0.95
/**
 * Share of the previous bandwidth estimate below which the link is still getting slower. A change down then
 * waits for one more sample, because another one would soon follow.
 */
const settledShare = 0.85
/**
 * Maximum share of the bandwidth for the peak bitrate after a change down. The lowest rendition has no limit.
 */
const fallShare = 0.7
/** Takes the place of `fallShare` when the link still gets slower after that wait and no stall is near. */
const fallingShare = 0.4
/** Shares of the target distance: minimum buffer for a change up, and buffer below which a stall is near. */
const riseBufferShare = 0.5
const dangerShare = 0.35
/** Time for which a higher rendition must have fitted before a change up, ms. */
const steadyMs = 500
/**
 * Time from the first sample during which a change up does not wait for `steadyMs`, and the first rendition
 * has to fit `startShare`, ms.
 */
const startMs = 10_000
/**
 * Minimum time from a change down to the next change up, ms. It doubles, up to a maximum, with each change
 * down soon after a change up.
 */
const firstPenaltyMs = 4000
const maxPenaltyMs = 64_000
/** Time after a change up in which a change down shows that the change up was wrong, ms. */
const wrongRiseMs = 12_000
/** Time for which changes up stay below a rendition that was wrong, as a multiple of the minimum time. */
const ceilingFactor = 4

/**
 * Chooses the rendition: up when the bandwidth has had room for a while, down before the buffer runs out. A
 * change up that had to be taken back makes the next one wait longer.
 */
export function createRenditionChoice() {
  let firstAt: number | undefined
  let roomSince: number | undefined
  /** `fallFrom` is the rendition of a change down that was chosen and is not made yet. */
  const changes = { count: 0, roseAt: Number.NEGATIVE_INFINITY, fallFrom: -1 }
  const penalty = { ms: firstPenaltyMs, until: Number.NEGATIVE_INFINITY }
  const ceiling = { level: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY }
  let hasWaited = false
  const isFalling = fallDetector()

  function fall(sample: ChoiceSample, why: ChoiceReason, share = fallShare): Choice {
    const { atMs, levels, current, estimate } = sample
    roomSince = undefined
    const level = Math.min(Math.max(0, current - 1), highestWithin(levels, estimate.safe * share))
    if (level === current || changes.fallFrom === current) return { level, why }
    changes.count++
    changes.fallFrom = current
    const wasWrong = atMs - changes.roseAt < wrongRiseMs
    penalty.ms = wasWrong ? Math.min(maxPenaltyMs, 2 * penalty.ms) : firstPenaltyMs
    penalty.until = atMs + penalty.ms
    if (wasWrong) Object.assign(ceiling, { level: current - 1, until: atMs + ceilingFactor * penalty.ms })
    return { level, why }
  }

  function fallOrWait(sample: ChoiceSample, isSettling: boolean, isInDanger: boolean): Choice {
    const waits = isSettling && !isInDanger && !hasWaited
    hasWaited = waits
    if (waits) return { level: sample.current, why: 'link gets slower' }
    return fall(sample, 'link too slow', isSettling && !isInDanger ? fallingShare : fallShare)
  }

  function rise(sample: ChoiceSample, level: number): Choice {
    const { atMs, current, bufferSeconds, targetSeconds } = sample
    roomSince ??= atMs
    const isStarting = atMs - (firstAt ?? atMs) < startMs
    const isSteady = isStarting || atMs - roomSince >= steadyMs
    if (!isSteady || atMs < penalty.until) return { level: current, why: 'waiting before a rise' }
    if (bufferSeconds < targetSeconds * riseBufferShare)
      return { level: current, why: 'buffer too short for a rise' }
    return { level, why: 'room above' }
  }

  return {
    choose(sample: ChoiceSample): Choice {
      const { atMs, levels, current, max, estimate, mode, isLate, bufferSeconds, targetSeconds } = sample
      firstAt ??= atMs
      const isSettling = isFalling(estimate)
      const present = levels[current]
      if (present === undefined) return { level: Math.min(max, Math.max(0, current)), why: 'fits' }
      if (current > max) return { level: max, why: 'size of the picture' }
      const isInDanger = isLate || bufferSeconds < targetSeconds * dangerShare
      const isFirst = changes.count === 0 && atMs - firstAt < startMs
      const isTooFast = present.average > estimate.safe * stayShare
      const isUnfit = isFirst && present.peak > estimate.safe * startShare
      if (isUnfit || (isTooFast && (isSettling || !lasts(sample, present))))
        return fallOrWait(sample, isSettling, isInDanger)
      hasWaited = false
      if (changes.fallFrom !== current) changes.fallFrom = -1
      if (isInDanger && present.peak > estimate.safe * dangerPeakShare) return fall(sample, 'buffer runs out')
      if (isTooFast) return { level: current, why: 'buffer lasts' }
      const allowed = atMs < ceiling.until ? Math.min(max, ceiling.level) : max
      const isShort = mode === 'parts' && present.average <= estimate.safe * shortShare
      const fitting = highestFitting(levels, estimate, mode, isShort ? shortRiseShares : undefined)
      const highest = Math.min(allowed, fitting)
      if (highest > current) return rise(sample, highest)
      roomSince = undefined
      return { level: current, why: 'fits' }
    },

    /**
     * Must be called when loading has changed to a higher rendition. `atMs` is on the clock of the samples.
     */
    rose(atMs: number): void {
      changes.count++
      changes.roseAt = atMs
      changes.fallFrom = -1
      roomSince = undefined
    },
  }
}

/** Returns the index of the highest rendition that fits, to begin with or to rise to; 0 when none fits. */
export function highestFitting(
  levels: readonly ChoiceLevel[],
  { safe }: ThroughputEstimate,
  mode: DeliveryMode,
  shares = riseShares[mode],
): number {
  const fits = ({ average, peak }: ChoiceLevel) =>
    average <= safe * shares.average && peak <= safe * shares.peak
  return Math.max(0, levels.findLastIndex(fits))
}

/** Whether the buffer lasts for `lastingSeconds` until a stall is near, although the link is too slow. */
function lasts(
  { isLate, bufferSeconds, targetSeconds, estimate }: ChoiceSample,
  { average }: ChoiceLevel,
): boolean {
  const lostPerSecond = Math.max(0, average / (estimate.safe * usableShare) - 1)
  const spareSeconds = bufferSeconds - targetSeconds * dangerShare
  return !isLate && spareSeconds > lostPerSecond * lastingSeconds
}

/** Returns a function that detects whether the bandwidth estimate is still falling from sample to sample. */
function fallDetector() {
  let last = 0
  return ({ safe }: ThroughputEstimate): boolean => {
    const isLower = safe < last * settledShare
    last = safe
    return isLower
  }
}

function highestWithin(levels: readonly ChoiceLevel[], bits: number): number {
  return Math.max(
    0,
    levels.findLastIndex(({ peak }) => peak <= bits),
  )
}
