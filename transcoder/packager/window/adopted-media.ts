import { newGap } from './gap.ts'
import { divideIntoParts, type Segment, type SegmentStart } from './segment.ts'

/** What another transcoder published of a rendition, which this one continues. */
export interface AdoptedMedia {
  /**
   * Segments of the last playlist, oldest first, with consecutive numbers; at least one. Those that were not
   * stored are gaps.
   */
  segments: readonly Segment[]
  /** EXT-X-DISCONTINUITY-SEQUENCE of a playlist that begins with the first of them. */
  discontinuitySequence: number
  /** Init segments by epoch number. */
  inits: ReadonlyMap<number, Buffer>
}

interface ContinuationOptions {
  /** Usual and maximum length of a segment, ms. */
  segmentMs: number
  maxSegmentMs: number
  /** Discontinuity sequence of a playlist that begins with `next`, in the renditions that adopt nothing. */
  startDiscontinuity: number
}

/** Maximum number of segments between the adopted ones and the first new one. */
const maxGaps = 8

/** Returns the discontinuity sequence of what follows the segments. */
const discontinuityAfter = ({ segments, discontinuitySequence }: AdoptedMedia): number =>
  discontinuitySequence + segments.filter(({ hasDiscontinuity }) => hasDiscontinuity).length

/**
 * Returns the session time at which adopted media ends, ms: that of the rendition that is furthest behind.
 * Undefined when there is none.
 */
export function endOfAdopted(adopted: ReadonlyMap<string, AdoptedMedia>): number | undefined {
  const last = [...adopted.values()].flatMap(({ segments }) => segments.findLast(({ isGap }) => !isGap) ?? [])
  return last.length > 0
    ? Math.min(...last.map(({ startMs, durationMs }) => startMs + durationMs))
    : undefined
}

/** Creates what hands adopted media out to the renditions that continue it. */
export function createAdoptions(adopted: ReadonlyMap<string, AdoptedMedia>) {
  const left = new Map(adopted)
  return {
    /** Returns the media of a rendition, once. */
    take(rendition: string): AdoptedMedia | undefined {
      const media = left.get(rendition)
      left.delete(rendition)
      return media
    },
    /** Frees the media of the renditions that do not exist any more. */
    drop(): void {
      for (const { segments } of left.values()) for (const { stored } of segments) stored?.drop()
      left.clear()
    },
  }
}

interface PresentationStart {
  startMsn: number
  startDiscontinuity: number
  /** Date of session time 0, ms since 1970; undefined when unknown. */
  mediaZeroAt: number | undefined
}

/**
 * Returns the numbers and the date with which a presentation begins: those of `options`, or else those that
 * follow what it adopts. What another transcoder wrote last is in either.
 */
export function startAfter(
  adopted: ReadonlyMap<string, AdoptedMedia>,
  options: { [Name in keyof PresentationStart]?: PresentationStart[Name] | undefined },
): PresentationStart {
  const { startMsn = 0, startDiscontinuity = 0, mediaZeroAt } = options
  const all = [...adopted.values()]
  const last = all.flatMap(({ segments }) => segments.at(-1) ?? [])
  return {
    // Parts of the segment after the last one may have been published too.
    startMsn: Math.max(startMsn, ...last.map(({ msn }) => msn + 2)),
    startDiscontinuity: Math.max(startDiscontinuity, ...all.map(discontinuityAfter)),
    mediaZeroAt: mediaZeroAt ?? last.map(({ date, startMs }) => date - startMs)[0],
  }
}

/**
 * Returns the segments before `next`, the first new one: the adopted ones and, for each number between that
 * the other transcoder may have published, a gap. The gaps last as long as the missing media, as far as that
 * many segments can. Returns undefined when `next` cannot follow: viewers must find the discontinuity
 * sequence that it has in other renditions.
 */
export function continuationOf(
  adopted: AdoptedMedia,
  next: SegmentStart,
  { segmentMs, maxSegmentMs, startDiscontinuity }: ContinuationOptions,
): Segment[] | undefined {
  const last = adopted.segments.at(-1)
  const count = next.msn - 1 - (last?.msn ?? Number.POSITIVE_INFINITY)
  if (last === undefined || count < 0 || count > maxGaps) return undefined
  const breaks = startDiscontinuity + (next.hasDiscontinuity ? 0 : 1) - discontinuityAfter(adopted)
  if (breaks < 0 || breaks > count) return undefined
  for (const segment of adopted.segments) if (segment.stored?.isLost) segment.isGap = true
  const segments = adopted.segments.map((segment) => withoutOverlap(segment, next.startMs))
  const end = endOf(segments.at(-1) ?? last)
  const missingMs = Math.max(0, next.startMs - end.startMs)
  const usualMs = Math.min(maxSegmentMs, Math.max(segmentMs, missingMs / count))
  for (let index = 0; index < count; index++) {
    const beforeMs = Math.min(missingMs, index * usualMs)
    const durationMs = Math.min(missingMs - beforeMs, usualMs)
    const start = {
      msn: last.msn + 1 + index,
      // The name that the segment has at the other transcoder, if that published it.
      epoch: last.epoch,
      startMs: end.startMs + beforeMs,
      date: end.date + beforeMs,
      hasDiscontinuity: index < breaks,
    }
    segments.push(newGap(start, durationMs))
  }
  return segments
}

const endOf = ({ startMs, date, durationMs }: Segment) => ({
  startMs: startMs + durationMs,
  date: date + durationMs,
})

/** Overlap with the first new segment that is only a difference of clocks or of frames, ms. */
const toleranceMs = 150

/**
 * Returns a gap that ends at `nextMs` in place of a segment that does not: the new media begins where the
 * rendition ended that was furthest behind.
 */
function withoutOverlap(segment: Segment, nextMs: number): Segment {
  const { startMs, date, durationMs } = segment
  if (startMs + durationMs <= nextMs + toleranceMs) return segment
  const earlyMs = Math.max(0, startMs - nextMs)
  const start = { ...segment, startMs: startMs - earlyMs, date: date - earlyMs }
  return newGap(start, Math.max(0, nextMs - startMs))
}

/** Divides a stored segment into parts as soon as its media has been read. Calls `onLost` if it cannot be. */
export function divideWhenRead(segment: Segment, onLost: () => void): void {
  divideIntoParts(segment)
  void segment.stored?.read().then((media) => (media ? divideIntoParts(segment) : onLost()))
}
