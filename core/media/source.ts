import type { AudioFormat } from './codec/audio-format.ts'
import type { VideoFormat } from './codec/video-format.ts'

/** Media that a publisher sends, as its packets and codec headers show it. */
export interface Source {
  video: VideoSource | null
  audio: AudioSource | null
  /** Mean bitrate of video and audio together over the last 4 s, bits/s. */
  bitrate: number
  /** Interarrival jitter (RFC 3550 section 6.4.1), ms: of the video, or of the audio if there is no video. */
  jitterMs: number
  /** Number of corrections of the publisher's timestamps, by fault. */
  clockCorrections: Record<string, number>
  /** Descriptions of the tracks that are not forwarded, for the owner of the channel. */
  ignoredTracks: string[]
  /** Whether the bitrate is above 80 % of the limit. The session ends when it stays above the limit. */
  isNearBitrateLimit: boolean
}

export interface VideoSource extends VideoFormat {
  /**
   * Frames per second, measured from session times. Until there are enough frames, it is the rate in the
   * codec header, or that of the first frames.
   */
  fps: number
  /** Whether the picture is 8-bit 4:2:0 or monochrome, which every browser with the codec can decode. */
  isBrowserFriendly: boolean
  /** Length of the longest of the last five GOPs, ms; null until the second keyframe. */
  gopMs: number | null
  /** Mean bitrate over the last 4 s, bits/s. */
  bitrate: number
}

export interface AudioSource extends AudioFormat {
  /** Mean bitrate over the last 4 s, bits/s. */
  bitrate: number
}

/** One encoding of a session that viewers can choose. */
export interface Rendition {
  /** Name in URLs and in the API, such as `720p`, `1080p-hevc` or `audio`. */
  name: string
  kind: 'video' | 'audio'
  passthrough: boolean
  codecs: string | null
  width: number | null
  height: number | null
  fps: number | null
  /** Measured peak bitrate, bits/s; null until there is media. */
  bandwidth: number | null
}
