import { flvHeader } from '../../core/media/flv-tag.ts'
import { type MediaUnit, shownAtMs } from '../source/media-unit.ts'
import type { InputFormat } from './ffmpeg-job.ts'
import { type MatroskaTrack, matroskaFrame, matroskaHeader } from './matroska.ts'

/** The track that an encoder reads. */
export interface EncoderTrack extends MatroskaTrack {
  kind: 'video' | 'audio'
  /** FLV tag with the configuration; undefined if the codec has none. */
  configTag: Buffer | undefined
}

/** Makes the input of ffmpeg from the units of a source. */
export interface EncoderInput {
  format: InputFormat
  /** Returns what comes before the first unit. */
  head(): Buffer
  /** Returns a frame as input. */
  frame(unit: MediaUnit): Buffer
}

/** Codecs that every supported version of ffmpeg reads from FLV. */
const plainCodecs: readonly MatroskaTrack['codec'][] = ['h264', 'aac', 'mp3']

/** Chooses the container for a track: FLV as it comes, or Matroska for codecs of enhanced RTMP. */
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
