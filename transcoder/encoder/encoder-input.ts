import { flvHeader } from '../../core/media/flv-tag.ts'
import { type MediaUnit, shownAtMs } from '../source/media-unit.ts'
import type { InputFormat } from './ffmpeg-job.ts'
import { type MatroskaTrack, matroskaFrame, matroskaHeader } from './matroska.ts'

/** The track of the source that an encoder reads, with what a container needs to describe it. */
export interface EncoderTrack extends MatroskaTrack {
  kind: 'video' | 'audio'
  /** FLV tag of the configuration; undefined for a codec that has none. */
  configTag: Buffer | undefined
}

/** Writes units of a source in a container that ffmpeg can read. */
export interface EncoderInput {
  format: InputFormat
  /** Returns the bytes before the first frame. */
  head(): Buffer
  /** Returns a frame in the container. */
  frame(unit: MediaUnit): Buffer
}

/** Codecs that all supported versions of ffmpeg can read from FLV. */
const plainCodecs: readonly MatroskaTrack['codec'][] = ['h264', 'aac', 'mp3']

/**
 * Chooses the container for a track. FLV needs no conversion; Matroska is for codecs that only newer versions
 * of ffmpeg can read from FLV.
 */
export function createEncoderInput(track: EncoderTrack): EncoderInput {
  if (plainCodecs.includes(track.codec)) {
    const header = flvHeader(track.kind === 'audio', track.kind === 'video')
    return {
      format: 'flv',
      head: () => Buffer.concat([header, ...(track.configTag ? [track.configTag] : [])]),
      frame: (unit) => unit.tag,
    }
  }
  return {
    format: 'matroska',
    head: () => matroskaHeader(track),
    frame: (unit) =>
      matroskaFrame(shownAtMs(unit), unit.packet === 'keyframe' || unit.kind === 'audio', unit.body),
  }
}
