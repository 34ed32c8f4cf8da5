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
  /** The show has ended: the last frame was played, or the page was opened after the end. */
  | { type: 'ended' }
  /** The playback cannot continue. `reason` is for the browser's console. */
  | { type: 'lost'; reason: string }

/** A video rendition that the viewer can choose. Its fields have the names that media-chrome reads. */
export interface VideoRendition {
  id: string
  width: number
  height: number
  /** Peak bitrate, bits/s. */
  bitrate: number
  frameRate: number
}

/** One attempt to play a session on the video element, by hls.js or by the browser itself. */
export interface Playback {
  /** Seeks to the live position and plays, even if the viewer has paused. */
  goLive(): void
  /** Returns the age of the picture, seconds; undefined when it is not known. */
  latency(): number | undefined
  /** Returns the present figures. Native playback does not have this method. */
  stats?(): PlaybackStats
  /**
   * Plays the rendition with this id from now on. With undefined, the rendition follows the bandwidth again.
   * Has no effect in native playback, where the browser chooses.
   */
  choose(id: string | undefined): void
  /** Ends the playback. The element can then be used by the next playback. */
  close(): void
}

/** Figures of playback and of the link, for the panel that viewers can open. `throughput` is in bits/s. */
export interface PlaybackStats {
  ageSeconds: number | undefined
  bufferSeconds: number
  distanceSeconds: number
  targetSeconds: number | undefined
  rate: number
  throughput: { fast: number; slow: number; safe: number }
  roundTripMs: number
  /** Height of the rendition that is loaded, pixels; undefined before a rendition is chosen. */
  rendition: number | undefined
  /** Height of the rendition that playback is about to change to, pixels; undefined without one. */
  next: number | undefined
  mode: 'parts' | 'segments'
  /** Reason for the choice of the rendition. */
  why: string
}

export interface PlaybackSource {
  /** URL of the multivariant playlist. */
  url: string
  /** Text of the multivariant playlist, which the page has fetched to check whether the channel is live. */
  playlist: string
  latency: Latency
  /** Replaces an earlier token in a URL by the current one; undefined when URLs carry no token. */
  currentUrl: ((url: string) => string) | undefined
  /** What the page requested before its player was loaded. Only the first playback gets it. */
  headStart?: HeadStart | undefined
  /** Media source from which the head start already plays; undefined when hls.js has to create one. */
  early?: EarlyMedia | undefined
}

export interface PlaybackListener {
  onEvent(event: PlaybackEvent): void
  /** Called when the renditions are known; never in native playback, where the browser chooses. */
  onRenditions(renditions: VideoRendition[]): void
}

export type StartPlayback = (
  video: HTMLVideoElement,
  source: PlaybackSource,
  listener: PlaybackListener,
) => Playback
