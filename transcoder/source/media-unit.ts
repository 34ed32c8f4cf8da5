import type { AudioCodec } from '../../core/media/codec/audio-format.ts'
import type { VideoCodec } from '../../core/media/codec/video-config.ts'
import { audioBodyOf, audioCodecOf, audioPacketOf } from '../../core/media/flv-audio.ts'
import { audioTag, tagTypeAt, timestampAt, videoTag } from '../../core/media/flv-tag.ts'
import { compositionTimeOf, videoBodyOf, videoCodecOf, videoPacketOf } from '../../core/media/flv-video.ts'

interface UnitBase {
  /** Decode time, ms of session time. */
  ms: number
  /** Configuration record or coded frame, without the header of the tag. */
  body: Buffer
  /** The whole FLV tag of this unit. */
  tag: Buffer
}

export interface VideoUnit extends UnitBase {
  kind: 'video'
  packet: 'config' | 'keyframe' | 'frame'
  codec: VideoCodec
  /** Presentation time minus decode time, ms. */
  compositionMs: number
}

export interface AudioUnit extends UnitBase {
  kind: 'audio'
  packet: 'config' | 'frame'
  codec: AudioCodec
}

/** One packet of a source: a codec configuration or a frame. */
export type MediaUnit = VideoUnit | AudioUnit

/** Returns the presentation time, ms. For audio it is the decode time. */
export const shownAtMs = (unit: MediaUnit) => (unit.kind === 'video' ? unit.ms + unit.compositionMs : unit.ms)

/** Maximum time that a frame of audio may start before a boundary and still belong after it, ms. */
const audioToleranceMs = 12
/** Lead of video past a boundary, ms, at which audio is past it too, even if no frame of audio has come. */
const audioTimeoutMs = 1000

/** Whether audio is past the boundary `atMs` when this unit comes, ms. */
export const isAudioPast = (atMs: number, { kind, ms }: MediaUnit): boolean =>
  kind === 'audio' ? ms >= atMs - audioToleranceMs : ms > atMs + audioTimeoutMs

/**
 * Creates a function that parses a tag and returns undefined for a tag without media. It uses the low 31 bits
 * of FLV timestamps. Each timestamp is extended to the value that is closest to the time of the frame before;
 * the first one, to the value closest to `nearMs`.
 */
export function createUnitParser(nearMs: number) {
  let newestMs = nearMs

  function placed(timestamp: number): number {
    newestMs += ((timestamp - newestMs) << 1) >> 1
    return newestMs
  }

  /**
   * Returns the time of a packet, ms. The timestamp of a configuration is not used: ingest sends the
   * configuration to each new subscriber with the timestamp that it had first.
   */
  const timeOf = (tag: Buffer, packet: MediaUnit['packet']) =>
    packet === 'config' ? newestMs : placed(timestampAt(tag, 0))

  return (tag: Buffer): MediaUnit | undefined => {
    const type = tagTypeAt(tag, 0)
    if (type === videoTag) {
      const [codec, packet] = [videoCodecOf(tag), videoPacketOf(tag)]
      if (codec === 'other' || packet === 'aside') return undefined
      const times = { ms: timeOf(tag, packet), compositionMs: compositionTimeOf(tag) }
      return { kind: 'video', packet, codec, ...times, body: videoBodyOf(tag), tag }
    }
    if (type !== audioTag) return undefined
    const [codec, packet] = [audioCodecOf(tag), audioPacketOf(tag)]
    if (codec === 'other' || packet === 'aside') return undefined
    return { kind: 'audio', packet, codec, ms: timeOf(tag, packet), body: audioBodyOf(tag), tag }
  }
}
