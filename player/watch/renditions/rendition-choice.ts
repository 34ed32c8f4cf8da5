import type { ThroughputEstimate } from '../network/throughput.ts'

/** A rendition of the picture. The list is in ascending order of bitrates, which include the sound. */
interface ChoiceLevel {
  /** Peak and average bitrate, bits/s. */
  peak: number
  average: number
}

export interface ChoiceSample {
  /** Time of a monotonic clock, ms. */
  atMs: number
  levels: readonly ChoiceLevel[]
  /** Index of the rendition that is loaded now. */
  current: number
  /** Highest index that is allowed, because of the size of the picture on the screen. */
  max: number
  estimate: ThroughputEstimate
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
  | 'link too slow'
  | 'buffer runs out'
  | 'size of the picture'

/** Share of the bandwidth that a rendition may take to rise to it, and to stay with it. */
const riseShare = 0.7
const stayShare = 0.9
/** Share of the bandwidth that a rendition may take after a fall. */
const fallShare = 0.7
/** Share of the target distance that must be buffered before a rise, and below which playback is in danger. */
const riseBufferShare = 0.5
const dangerShare = 0.35
/** Time that the bandwidth must have had room before a rise, ms; at the start, less is known and lost. */
const steadyMs = 1500
const startMs = 10_000
/** Time after a fall without a rise, ms. It doubles with each fall that follows soon after a rise. */
const firstPenaltyMs = 4000
const maxPenaltyMs = 64_000
/** A fall within this time after a rise shows that the rise was wrong, ms. */
const wrongRiseMs = 12_000

/**
 * Chooses the rendition: up when the bandwidth has had room for a while, down before the buffer runs out. A
 * rise that had to be taken back makes the next one wait longer.
 */
export function createRenditionChoice() {
  let firstAt: number | undefined
  let roomSince: number | undefined
  let roseAt = Number.NEGATIVE_INFINITY
  let noRiseUntil = Number.NEGATIVE_INFINITY
  let penaltyMs = firstPenaltyMs

  function fall(sample: ChoiceSample, why: ChoiceReason): Choice {
    const { atMs, levels, current, estimate } = sample
    roomSince = undefined
    const level = Math.min(Math.max(0, current - 1), highestWithin(levels, estimate.safe * fallShare))
    if (level === current) return { level, why }
    penaltyMs = atMs - roseAt < wrongRiseMs ? Math.min(maxPenaltyMs, 2 * penaltyMs) : firstPenaltyMs
    noRiseUntil = atMs + penaltyMs
    return { level, why }
  }

  function rise(sample: ChoiceSample, level: number): Choice {
    const { atMs, current, bufferSeconds, targetSeconds } = sample
    roomSince ??= atMs
    const isStarting = atMs - (firstAt ?? atMs) < startMs
    const isSteady = isStarting || atMs - roomSince >= steadyMs
    if (!isSteady || atMs < noRiseUntil) return { level: current, why: 'waiting before a rise' }
    if (bufferSeconds < targetSeconds * riseBufferShare)
      return { level: current, why: 'buffer too short for a rise' }
    return { level, why: 'room above' }
  }

  return {
    choose(sample: ChoiceSample): Choice {
      const { atMs, levels, current, max, estimate, bufferSeconds, targetSeconds } = sample
      firstAt ??= atMs
      const present = levels[current]
      if (present === undefined) return { level: Math.min(max, Math.max(0, current)), why: 'fits' }
      if (current > max) return { level: max, why: 'size of the picture' }
      if (present.average > estimate.safe * stayShare) return fall(sample, 'link too slow')
      const isInDanger = bufferSeconds < targetSeconds * dangerShare
      if (isInDanger && present.peak > estimate.safe * riseShare) return fall(sample, 'buffer runs out')
      const highest = Math.min(max, highestWithin(levels, estimate.safe * riseShare))
      if (highest > current) return rise(sample, highest)
      roomSince = undefined
      return { level: current, why: 'fits' }
    },

    /** To be called when a higher rendition is loaded. */
    rose(atMs: number): void {
      roseAt = atMs
      roomSince = undefined
    },
  }
}

/** Returns the index of the rendition to begin with. */
export const firstChoice = (levels: readonly ChoiceLevel[], estimate: ThroughputEstimate): number =>
  highestWithin(levels, estimate.safe * riseShare)

function highestWithin(levels: readonly ChoiceLevel[], bits: number): number {
  return Math.max(
    0,
    levels.findLastIndex(({ peak }) => peak <= bits),
  )
}
