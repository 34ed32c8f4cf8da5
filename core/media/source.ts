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

export interface VideoSource {
  codec: 'h264' | 'hevc' | 'av1' | 'vp9' | 'other'
  /** Codec string of RFC 6381, e.g. `avc1.64001f`, when known. */
  codecString: string | null
  width: number
  height: number
  /**
   * Frames per second: from timestamps once there are enough of them; before that from the codec's timing or
   * the first frames.
   */
  fps: number
  /** Whether it is 8-bit 4:2:0, which browsers can decode if they know the codec. */
  isBrowserFriendly: boolean
  /** Width of a pixel divided by its height. */
  pixelAspect: number
  bitDepth: number
  chroma: '4:0:0' | '4:2:0' | '4:2:2' | '4:4:4'
  /** Whether pictures may be coded as fields. */
  isInterlaced: boolean
  /** Transfer function; `pq` and `hlg` are HDR. */
  transfer: 'sdr' | 'pq' | 'hlg'
  /** Longest recent distance between keyframes, ms; null until the second keyframe. */
  gopMs: number | null
  /** Bits/s over the last seconds. */
  bitrate: number
}

export interface AudioSource {
  codec: 'aac' | 'mp3' | 'opus' | 'other'
  /** Codec string of RFC 6381, e.g. `mp4a.40.2`, when known. */
  codecString: string | null
  sampleRate: number
  channels: number
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
