import type { TrackListener } from '../mp4/track-reader.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import type { Cut } from './cut-list.ts'
import type { Timeline } from './timeline.ts'

/** Packs the frames of one rendition in one epoch into parts and segments. */
export interface Packer extends TrackListener {
  /** Another rendition has made progress. `now`: `performance.now()`. */
  advance(now: number): void
  /** Publishes what was held back. Nothing is called after it. */
  end(): void
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
  /** Media before this time is already published, ms; -Infinity for none. */
  floorMs: number
}
