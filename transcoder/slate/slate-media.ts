import type { SlateMediaType } from '../../core/contracts/slate-file.ts'
import type { VideoUnit } from '../source/media-unit.ts'

/** One encoded rendition of a slate. */
export interface SlateRendition {
  /** AVCDecoderConfigurationRecord. */
  record: Buffer
  /** Frames in decode order, which is the order of presentation. The first one is a keyframe. */
  frames: readonly VideoUnit[]
}

/** A slate that is encoded for the renditions of a plan. All have the same frames, from time 0 on. */
export interface SlateMedia {
  /** Length after which it begins again, ms. */
  lengthMs: number
  /** Frames per second. */
  fps: number
  /** By the name of the rendition. */
  renditions: ReadonlyMap<string, SlateRendition>
}

/** File that a channel's owner has uploaded. */
export interface SlateFile {
  mediaType: SlateMediaType
  content: Buffer
}
