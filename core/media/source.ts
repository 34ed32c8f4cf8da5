import type { AudioFormat } from './codec/audio-format.ts'
import type { VideoFormat } from './codec/video-format.ts'

/** What a publisher sends, as measured from its packets, not as declared in its metadata. */
export interface Source {
  video: VideoSource | null
  audio: AudioSource | null
  /** Bit rate of both tracks over the last seconds, bits/s. */
  bitrate: number
  /** Mean absolute deviation of arrival times from timestamps, ms. */
  jitterMs: number
  /** Corrections of the publisher's timestamps, by kind. */
  clockCorrections: Record<string, number>
  /** Tracks that are not shown, in words. */
  ignoredTracks: string[]
  /** Whether the bitrate is so high that the session may be ended. */
  isNearBitrateLimit: boolean
}

export interface VideoSource extends VideoFormat {
  /**
   * Frames per second: from timestamps once there are enough of them; before that from the codec's timing or
   * the first frames.
   */
  fps: number
  /** Whether it is 8-bit 4:2:0, which browsers can decode if they know the codec. */
  isBrowserFriendly: boolean
  /** Longest recent distance between keyframes, ms; null until the second keyframe. */
  gopMs: number | null
  /** Bits/s over the last seconds. */
  bitrate: number
}

export interface AudioSource extends AudioFormat {
  /** Bits/s over the last seconds. */
  bitrate: number
}

/** One encoding of a session, as offered to viewers. */
export interface Rendition {
  /** Name in URLs and in the API: `source`, `720p`, … or `audio`. */
  name: string
  kind: 'video' | 'audio'
  passthrough: boolean
  codecs: string | null
  width: number | null
  height: number | null
  fps: number | null
  /** Measured peak bit rate, bits/s; null until a segment is complete. */
  bandwidth: number | null
}
