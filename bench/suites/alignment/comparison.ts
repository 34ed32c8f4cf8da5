import type { FragmentSample, TrackFragment } from '../../stand/track-fragments.ts'
import type { FetchedSegment } from './rendition-media.ts'

type Rendition = ReadonlyMap<number, FetchedSegment>

/** Differences between the renditions of a channel. All numbers are counts, except `maxTicks`. */
export interface Comparison {
  /** Segments, parts and keyframes of the first rendition. */
  segments: number
  parts: number
  keyframes: number
  /** Segments that a rendition lacks, or has as a gap. */
  missing: number
  /** Segments whose bytes differ from those of their parts together. */
  torn: number
  /** Segments that begin at another decode time (`tfdt`) than in the first rendition. */
  starts: number
  /** Segments whose parts begin at other decode times than in the first rendition. */
  decodeTimes: number
  /** Largest difference between the decode times of parts, ticks. */
  maxTicks: number
  /**
   * Segments whose keyframes, and whose frames, have other presentation times than in the first rendition.
   */
  keyframeTimes: number
  frames: number
  /** Descriptions of at most three differences of each kind. */
  examples: string[]
}

type Difference = 'missing' | 'torn' | 'starts' | 'decodeTimes' | 'keyframeTimes' | 'frames'

const maxExamples = 3

/**
 * Compares all renditions of a channel with the first one, up to the newest segment of the rendition that is
 * furthest behind.
 *
 * @throws Error when no segment is in all renditions
 */
export function compareRenditions(renditions: ReadonlyMap<string, Rendition>): Comparison {
  const [[, first] = ['', new Map()], ...others] = [...renditions] as [string, Rendition][]
  const comparison: Comparison = {
    segments: 0,
    parts: 0,
    keyframes: 0,
    missing: 0,
    torn: 0,
    starts: 0,
    decodeTimes: 0,
    maxTicks: 0,
    keyframeTimes: 0,
    frames: 0,
    examples: [],
  }
  const count = (what: Difference, detail: string) => {
    comparison[what] += 1
    if (comparison[what] <= maxExamples) comparison.examples.push(`${what}: ${detail}`)
  }
  const last = Math.min(...[...renditions.values()].map((each) => Math.max(-1, ...each.keys())))
  for (let msn = Math.min(...first.keys()); msn <= last; msn++) {
    const reference = first.get(msn)
    comparison.segments += 1
    comparison.parts += reference?.fragments.length ?? 0
    comparison.keyframes += keyframeTimes(reference?.fragments ?? []).length
    for (const [name, rendition] of renditions) {
      const segment = rendition.get(msn)
      if (segment === undefined || segment.isGap) count('missing', `${msn} of ${name}`)
      else if (!segment.isSumOfParts) count('torn', `${msn} of ${name}`)
    }
    for (const [name, rendition] of others) {
      const segment = rendition.get(msn)
      if (!reference || reference.isGap || !segment || segment.isGap) continue
      for (const [what, timesOf] of Object.entries(compared)) {
        const [expected, found] = [timesOf(reference.fragments), timesOf(segment.fragments)]
        const detail = differenceOf(expected, found)
        if (detail) count(what as keyof typeof compared, `segment ${msn} of ${name}: ${detail}`)
      }
      const ticks = differences(decodeTimes(reference.fragments), decodeTimes(segment.fragments))
      comparison.maxTicks = Math.max(comparison.maxTicks, ...ticks)
    }
  }
  if (comparison.segments === 0) throw new Error('no segment is in all renditions')
  return comparison
}

const samplesOf = (fragments: readonly TrackFragment[]): FragmentSample[] =>
  fragments.flatMap(({ samples }) => samples)

const decodeTimes = (fragments: readonly TrackFragment[]) => fragments.map(({ decodeTime }) => decodeTime)

const keyframeTimes = (fragments: readonly TrackFragment[]) =>
  samplesOf(fragments).flatMap(({ isKeyframe, pts }) => (isKeyframe ? [pts] : []))

const frameTimes = (fragments: readonly TrackFragment[]) =>
  samplesOf(fragments)
    .map(({ pts }) => pts)
    .sort((a, b) => a - b)

const startTimes = (fragments: readonly TrackFragment[]) => decodeTimes(fragments).slice(0, 1)

const compared = { starts: startTimes, decodeTimes, keyframeTimes, frames: frameTimes }

/** Returns the absolute differences of two lists of ticks, up to the end of the shorter one. */
const differences = (expected: readonly number[], found: readonly number[]) =>
  expected.slice(0, found.length).map((ticks, i) => Math.abs(ticks - (found[i] ?? ticks)))

/** Describes the first difference of two lists of ticks; undefined when the lists are equal. */
function differenceOf(expected: readonly number[], found: readonly number[]): string | undefined {
  const index = expected.findIndex((value, i) => value !== found[i])
  if (index < 0 && expected.length === found.length) return undefined
  const at = index < 0 ? expected.length : index
  return `${found.length} instead of ${expected.length}; number ${at} is ${found[at]} instead of ${expected[at]}`
}
