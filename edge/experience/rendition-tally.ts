import type { ExperienceMeasure } from '../../core/contracts/experience.ts'

/** Upper bounds of the histogram buckets, in the unit of each measure (ms, bits/s). */
export const bucketBounds: Record<ExperienceMeasure, readonly number[]> = {
  joinMs: [250, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000],
  latencyMs: [500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000],
  bufferMs: [100, 250, 500, 1000, 2000, 3000, 5000, 10_000, 30_000],
  bitrate: [2e5, 4e5, 8e5, 1.5e6, 2.5e6, 4e6, 6e6, 10e6, 20e6],
  throughput: [5e5, 1e6, 2e6, 4e6, 8e6, 16e6, 32e6, 64e6, 128e6],
}

interface Histogram {
  /** Count of each bucket and, last, the count of values above the highest bound. */
  counts: number[]
  sum: number
}

/**
 * Sums of what players have reported about one rendition. They begin again at 0 when the rendition was
 * forgotten for lack of reports.
 */
export interface RenditionTally {
  readonly slug: string
  readonly rendition: string
  readonly histograms: Record<ExperienceMeasure, Histogram>
  /** Number of reports that a buffer ran dry. */
  stalls: number
  stalledMs: number
  playedMs: number
  /** When the latest report was added, ms of the edge's clock. */
  usedAt: number
}

export function newTally(slug: string, rendition: string): RenditionTally {
  const empty = (measure: ExperienceMeasure): Histogram => ({
    counts: new Array<number>(bucketBounds[measure].length + 1).fill(0),
    sum: 0,
  })
  const histograms = {
    joinMs: empty('joinMs'),
    latencyMs: empty('latencyMs'),
    bufferMs: empty('bufferMs'),
    bitrate: empty('bitrate'),
    throughput: empty('throughput'),
  }
  return { slug, rendition, histograms, stalls: 0, stalledMs: 0, playedMs: 0, usedAt: 0 }
}

export function addToTally({ histograms }: RenditionTally, measure: ExperienceMeasure, value: number): void {
  const { counts } = histograms[measure]
  const bounds = bucketBounds[measure]
  let bucket = 0
  while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1
  counts[bucket] = (counts[bucket] ?? 0) + 1
  histograms[measure].sum += value
}
