import type { Track } from './mp4/movie.ts'
import type { Sample } from './mp4/sample.ts'
import type { Part } from './segment.ts'
import type { Cut } from './timeline.ts'

/** Where a packer puts what it made: a rendition, seen from one epoch. */
export interface PackerOutput {
  setTrack(track: Track, init: Buffer): void
  /** Closes the segment before, if any, and begins the one after a cut; its media starts at `startMs`. */
  beginSegment(cut: Cut, startMs: number): void
  /** `isLast`: the next part will probably begin a segment. */
  addPart(part: Part, arrivedAt: number, isLast: boolean): void
}

/** Cuts the frames of one rendition in one epoch. */
export interface Packer {
  onTrack(track: Track, init: Buffer): void
  onSample(sample: Sample, arrivedAt: number): void
  /** Time moved on in another rendition. */
  advance(now: number): void
  /** Publishes what was held back; nothing comes any more. */
  end(): void
}
