import type { AudioFormat } from './codec/audio-format.ts'
import type { VideoFormat } from './codec/video-format.ts'

/** Media that a publisher sends, as measured from its packets. Its metadata does not count. */
export interface Source {
  video: VideoSource | null
  audio: AudioSource | null
  /** Bitrate of sound and picture together over the last seconds, bits/s. */
  bitrate: number
  /** Mean deviation of arrival times from timestamps, ms. */
  jitterMs: number
  /** Number of corrections of the publisher's timestamps, by kind. */
  clockCorrections: Record<string, number>
  /** Descriptions of the tracks that are not forwarded. */
  ignoredTracks: string[]
  /** Whether the bitrate is so close to the limit that the session may soon end. */
  isNearBitrateLimit: boolean
}

export interface VideoSource extends VideoFormat {
  /**
   * Frames per second, measured from timestamps. Until there are enough frames, the rate is that of the codec
   * header, or of the first frames.
   */
  fps: number
  /** Whether the picture is 8-bit 4:2:0 or monochrome, which browsers can decode if they know the codec. */
  isBrowserFriendly: boolean
  /** Length of the longest of the last GOPs, ms; null until the second keyframe. */
  gopMs: number | null
  /** Mean bitrate over the last seconds, bits/s. */
  bitrate: number
}

export interface AudioSource extends AudioFormat {
  /** Mean bitrate over the last seconds, bits/s. */
  bitrate: number
}

/** One encoding of a session that viewers can choose. */
export interface Rendition {
  /** Name in URLs and in the API: `1080p`, `720p`, … or `audio`. */
  name: string
  kind: 'video' | 'audio'
  passthrough: boolean
  codecs: string | null
  width: number | null
  height: number | null
  fps: number | null
  /** Measured peak bitrate, bits/s; null until a segment is complete. */
  bandwidth: number | null
}
