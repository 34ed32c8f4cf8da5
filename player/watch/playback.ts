import type { Latency } from '../../core/media/latency.ts'
import type { HeadStart } from './head-start/head-start.ts'

/** What a playback tells the page. */
export type PlaybackEvent =
  /** A frame is on the screen: the first, or the first after a stall. */
  | { type: 'playing' }
  /** The picture stands still for want of media. */
  | { type: 'stalled' }
  /** The viewer paused or went back. */
  | { type: 'behind' }
  | { type: 'at_live' }
  /** The show has only begun: its playlists hold no segment yet. */
  | { type: 'not_ready' }
  /** The playlist says that no more will come. */
  | { type: 'ended' }
  /** It cannot go on; `reason` is for the browser's console. */
  | { type: 'lost'; reason: string }

/** A quality that the viewer may choose. Field names are those that media-chrome reads. */
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
  /** Jumps to the target distance from the live edge and plays on. */
  goLive(): void
  /** How old the picture is by the program date-time, seconds; undefined when that is not known. */
  latency(): number | undefined
  /** Plays one quality from now on; undefined lets the bandwidth decide. */
  choose(id: string | undefined): void
  /** Ends it and leaves the element free for the next. */
  close(): void
}

export interface PlaybackSource {
  /** URL of the multivariant playlist. */
  url: string
  /** Its text, fetched a moment ago. */
  playlist: string
  latency: Latency
  /** A URL that was read a while ago, as it is now; where URLs stay as they are, undefined. */
  current: ((url: string) => string) | undefined
  /** What was fetched ahead for the first playback of the page. */
  headStart?: HeadStart | undefined
}

export interface PlaybackListener {
  onEvent(event: PlaybackEvent): void
  /** Called once the qualities are known; never when the browser chooses alone. */
  onRenditions(renditions: VideoRendition[]): void
}

export type StartPlayback = (
  video: HTMLVideoElement,
  source: PlaybackSource,
  listener: PlaybackListener,
) => Playback
