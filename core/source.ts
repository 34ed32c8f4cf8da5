/** What a publisher sends, measured from its packets (never from what it claims). */
export interface Source {
  video: VideoSource | null
  audio: AudioSource | null
  /** Both tracks, bits/s, over the last seconds. */
  bitrate: number
  /** How unevenly packets arrive against their timestamps, ms (mean absolute deviation). */
  jitterMs: number
}

export interface VideoSource {
  codec: 'h264' | 'hevc' | 'av1' | 'vp9' | 'other'
  /** Codec string of RFC 6381, e.g. `avc1.64001f`, when known. */
  codecString: string | null
  width: number
  height: number
  /** Frames per second: from the timestamps once enough have come; from the codec's own timing or the first frames before. */
  fps: number
  /** 8-bit 4:2:0: what browsers decode. */
  isBrowserFriendly: boolean
  /** Longest distance of keyframes seen lately, ms; null until the second keyframe. */
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

/** One encoding of a session as viewers get it. */
export interface Rendition {
  /** Name in URLs and in the API: `source`, `720p`, … or `audio`. */
  name: string
  kind: 'video' | 'audio'
  passthrough: boolean
  codecs: string | null
  width: number | null
  height: number | null
  fps: number | null
  /** Peak bits/s, measured; null until a segment is whole. */
  bandwidth: number | null
}
