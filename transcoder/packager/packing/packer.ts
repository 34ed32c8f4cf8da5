import type { Sample } from '../mp4/sample.ts'
import type { DescribedTrack, Track } from '../mp4/track.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import type { Cut } from './cut-list.ts'
import type { Timeline } from './timeline.ts'

/** How far a session is. */
export interface Progress {
  /** `performance.now()`. */
  now: number
  /** Newest media of the source, ms. */
  mediaMs: number
  /** Whether the picture of the source has not moved for a while, although time passes. */
  isPictureFrozen: boolean
}

/** Packs the frames of one rendition in one epoch into parts and segments. */
export interface Packer {
  /** End of the frames received so far, ms; -Infinity before the first. */
  readonly endMs: number
  /** Sets the track. Called before any sample. */
  setTrack(described: DescribedTrack<Track>): void
  /** Takes the next sample in decode order. `arrivedAt`: when it arrived, `performance.now()`. */
  add(sample: Sample, arrivedAt: number): void
  /** Time has passed, or another rendition has made progress. */
  advance(progress: Progress): void
  /** Publishes what was held back. The media ends at `endMs` at the latest. Nothing is called after it. */
  end(endMs: number): void
}

export interface PackerOptions {
  /** Cuts that all renditions share. */
  timeline: Timeline
  /** Where parts are published. */
  stream: Pick<RenditionStream, 'setTrack' | 'addPart'>
  /**
   * Closes the open segment, if any, and opens the one after a cut. `startMs`: start of its media in this
   * rendition.
   */
  openSegment(cut: Cut, startMs: number): void
  partTargetMs: number
  /** Maximum length of a segment by its cuts, ms. */
  maxSegmentMs: number
  /** Media before this time is already published, ms; -Infinity for none. */
  floorMs: number
}
