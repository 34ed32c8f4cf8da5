import type { Latency } from '../../../core/media/latency.ts'
import type { EarlyMedia } from '../head-start/early-media.ts'
import type { HeadStart } from '../head-start/head-start.ts'

export type PlaybackEvent =
  /** A frame is on the screen: the first, or the first after a stall. */
  | { type: 'playing' }
  /** The picture stands still although playback is not paused. */
  | { type: 'stalled' }
  /** The picture stands still because the publisher sends nothing. The show has not ended. */
  | { type: 'away' }
  /** The viewer paused or went back. */
  | { type: 'behind' }
  /** The viewer is at the live edge again. */
  | { type: 'at_live' }
  /** The session is so new that its playlists have no segment yet. */
  | { type: 'not_ready' }
  /** The show has ended, and no media is left to play. */
  | { type: 'ended' }
  /** The playback cannot continue. `reason` is for the browser's console. */
  | { type: 'lost'; reason: string }

/** A quality that the viewer can choose. Field names are those that media-chrome reads. */
export interface VideoRendition {
  id: string
  width: number
  height: number
  /** Bits/s. */
  bitrate: number
  frameRate: number
}

/** One attempt to play a session on the video element, by hls.js or by the browser itself. */
export interface Playback {
  /** Seeks to the live position and plays, even if the viewer has paused. */
  goLive(): void
  /** Age of the picture, seconds; undefined when it is not known. */
  latency(): number | undefined
  /** Returns the present figures. Missing where the browser plays by itself. */
  stats?(): PlaybackStats
  /**
   * Plays the quality with this id from now on. With undefined, the quality follows the bandwidth again. Has
   * no effect where the browser plays by itself.
   */
  choose(id: string | undefined): void
  /** Ends the playback and leaves the element free for the next one. */
  close(): void
}

/** Figures of playback and link that the viewer can show. `throughput` is in bits/s. */
export interface PlaybackStats {
  ageSeconds: number | undefined
  bufferSeconds: number
  distanceSeconds: number
  targetSeconds: number | undefined
  rate: number
  throughput: { fast: number; slow: number; safe: number }
  roundTripMs: number
  /** Height of the picture that is loaded, pixels. */
  rendition: number | undefined
  /** Height of the picture that is being prepared, pixels. */
  next: number | undefined
  mode: 'parts' | 'segments'
  /** Reason for the choice of the rendition. */
  why: string
}

export interface PlaybackSource {
  /** URL of the multivariant playlist. */
  url: string
  /** Text of that playlist, which the page has fetched to find out whether the channel is live. */
  playlist: string
  latency: Latency
  /** Replaces an earlier token in a URL by the current one; undefined when URLs carry no token. */
  currentUrl: ((url: string) => string) | undefined
  /** What the page requested before its player was loaded. Only the first playback gets it. */
  headStart?: HeadStart | undefined
  /** Media source with which the head start already plays. */
  early?: EarlyMedia | undefined
}

export interface PlaybackListener {
  onEvent(event: PlaybackEvent): void
  /** Called once the qualities are known; never when the browser chooses them itself. */
  onRenditions(renditions: VideoRendition[]): void
}

export type StartPlayback = (
  video: HTMLVideoElement,
  source: PlaybackSource,
  listener: PlaybackListener,
) => Playback
