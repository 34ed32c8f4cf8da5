import type { AudioCodec } from '../../core/media/codec/audio-format.ts'
import type { VideoCodec } from '../../core/media/codec/video-config.ts'
import { audioBodyOf, audioCodecOf, audioPacketOf } from '../../core/media/flv-audio.ts'
import { audioTag, tagTypeAt, timestampAt, videoTag } from '../../core/media/flv-tag.ts'
import { compositionTimeOf, videoBodyOf, videoCodecOf, videoPacketOf } from '../../core/media/flv-video.ts'

interface UnitBase {
  /** Decode time, ms. */
  ms: number
  /** Configuration record or frame. */
  body: Buffer
  /** The FLV tag that it was in. */
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

/** One packet of a source. */
export type MediaUnit = VideoUnit | AudioUnit

/** Presentation time of a unit, ms. */
export const shownAtMs = (unit: MediaUnit) => (unit.kind === 'video' ? unit.ms + unit.compositionMs : unit.ms)

/**
 * Returns a function that reads a tag; undefined for one without media. FLV has 31 bits for times. They are
 * extended by their distance to the newest one, at first to `nearMs`.
 */
export function createUnitParser(nearMs: number) {
  let newestMs = nearMs

  function placed(timestamp: number): number {
    newestMs += ((timestamp - newestMs) << 1) >> 1
    return newestMs
  }

  /** Returns the time of a packet. That of a configuration says when it was received first. */
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
