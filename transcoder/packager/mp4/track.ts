import type { AacConfig } from '../../../core/media/codec/aac.ts'

interface TrackBase {
  /** Ticks per second. */
  timescale: number
  /** Codec string (RFC 6381). */
  codecs: string
}

export interface VideoTrack extends TrackBase {
  kind: 'video'
  /** Size at which the picture is presented, pixels. */
  width: number
  height: number
  /** Transfer function of the picture; `pq` and `hlg` are HDR. */
  transfer: 'sdr' | 'pq' | 'hlg'
}

export interface AudioTrack extends TrackBase {
  kind: 'audio'
  config: AacConfig
  /** Length of each frame, ticks. A tick is one sample of the core codec. */
  frameTicks: number
}

export type Track = VideoTrack | AudioTrack

/** A track and its init segment ("Media Initialization Section", RFC 8216bis 3). */
export interface DescribedTrack<Kind extends Track = Track> {
  track: Kind
  init: Buffer
}

/** Value of track_ID. Each of our MP4s has only one track. */
export const trackId = 1
