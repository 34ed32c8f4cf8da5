import type { AacConfig } from '../../../core/media/codec/aac.ts'

interface TrackBase {
  /** Ticks per second. */
  timescale: number
  /** Codec string of RFC 6381. */
  codecs: string
}

export interface VideoTrack extends TrackBase {
  kind: 'video'
  /** Display size, pixels. */
  width: number
  height: number
  /** Transfer function; `pq` and `hlg` are HDR. */
  transfer: 'sdr' | 'pq' | 'hlg'
}

export interface AudioTrack extends TrackBase {
  kind: 'audio'
  config: AacConfig
  /** Duration of a frame, ticks. */
  frameTicks: number
}

/** The only track of an MP4. */
export type Track = VideoTrack | AudioTrack

/** A track, with the init segment (Media Initialization Section, RFC 8216bis 3) that describes it. */
export interface DescribedTrack<Kind extends Track = Track> {
  track: Kind
  init: Buffer
}

/** Number of the only track of an MP4. */
export const trackId = 1
