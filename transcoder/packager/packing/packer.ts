import type { Sample } from '../mp4/sample.ts'
import type { DescribedTrack, Track } from '../mp4/track.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import type { Cut } from './cut-list.ts'
import type { Timeline } from './timeline.ts'

export interface Progress {
  /** Current time, ms of `performance.now()`. */
  now: number
  /**
   * Time of the newest media of the source, ms; while the picture is frozen, the time up to which it should
   * be repeated.
   */
  mediaMs: number
  /** Whether the source has sent no picture for a while, although the session continues. */
  isPictureFrozen: boolean
}

/** Packs the frames of one rendition in one epoch into parts and segments. */
export interface Packer {
  /**
   * Time up to which frames have been received, ms. Before the first frame it is `floorMs`, which may be
   * -Infinity.
   */
  readonly endMs: number
  /** Sets the track, before the first sample. @throws Error when a later call has another init segment */
  setTrack(described: DescribedTrack<Track>): void
  /** Adds the next sample in decode order. `arrivedAt`: its time of arrival, ms of `performance.now()`. */
  add(sample: Sample, arrivedAt: number): void
  /**
   * Packs frames that have waited long enough. Repeats a frozen picture, and gives up media that is too late.
   */
  advance(progress: Progress): void
  /**
   * Publishes the frames that were held back, except audio before the first cut or beyond the longest
   * possible segment. A last frame of video that lasts beyond `endMs` is shortened. No method is called
   * after this one.
   */
  end(endMs: number): void
}

export interface PackerOptions {
  /** Cuts that are the same for all renditions. */
  timeline: Timeline
  /** Destination of parts. */
  stream: Pick<RenditionStream, 'setTrack' | 'addPart'>
  /**
   * Closes the open segment, if there is one, and opens the segment after a cut. `startMs`: start of its
   * media in this rendition.
   */
  openSegment(cut: Cut, startMs: number): void
  partTargetMs: number
  /** Maximum length of a segment, ms; audio may exceed it by `audioOverrunMs`. */
  maxSegmentMs: number
  /** Time up to which media has already been published, ms; -Infinity when there is none. */
  floorMs: number
}

export interface VideoPackerOptions extends PackerOptions {
  /** Whether the cuts come from the frames of this rendition. */
  isLeading: boolean
  /** Usual length of a frame of the leader, ms. */
  frameMs: number
  /** Delay behind the source after which missing segments become gaps, ms. */
  maxLagMs: number
}
