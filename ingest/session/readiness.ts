import { readStatedTracks, type StatedTracks } from '../rtmp/metadata.ts'
import type { AudioMonitor } from './audio-monitor.ts'
import type { VideoMonitor } from './video-monitor.ts'

/**
 * Media time after which a track without packets is considered missing, ms. The second one applies to a track
 * that the publisher announced, and to the time that has passed, because timestamps may stand still.
 */
const missingTrackMs = 400
const statedTrackMs = 2000
/** Maximum time that a burst at the beginning delays the announcement of the source, ms. */
const maxSettlingMs = 2000
/** Time that pictures without a keyframe or a frame rate delay sound that is known, ms. */
const unknownVideoMs = 5000
/** Maximum time until a track is known, ms. A keyframe may be that far away. */
const maxUnknownMs = 20_000

/**
 * `settling`: all is known, but media may arrive faster than in real time. `hopeless`: media arrives, but
 * nothing of it can be decoded.
 */
export type ReadinessState = 'waiting' | 'settling' | 'ready' | 'hopeless'

type Video = Pick<VideoMonitor, 'isKnown' | 'canStart' | 'span'>
type Audio = Pick<AudioMonitor, 'isKnown' | 'span'>

/** Decides when enough is known of a source to announce it. */
export class Readiness {
  #stated: StatedTracks | undefined
  #firstAt: number | undefined

  /** Reads which tracks the publisher says it will send, in the tag of a data message. */
  readMetadata(tag: Buffer): void {
    this.#stated ??= readStatedTracks(tag)
  }

  /**
   * Checks after a packet that arrived at `now`, ms. `isSettled`: whether media arrives no faster than in
   * real time.
   */
  check(video: Video, audio: Audio, isSettled: boolean, now: number): ReadinessState {
    this.#firstAt ??= now
    const elapsedMs = now - this.#firstAt
    if (this.#hasAllTracks(video, audio, elapsedMs))
      return isSettled || elapsedMs > maxSettlingMs ? 'ready' : 'settling'
    return elapsedMs > maxUnknownMs ? 'hopeless' : 'waiting'
  }

  /** Whether each track is either known or considered missing. */
  #hasAllTracks(video: Video, audio: Audio, elapsedMs: number): boolean {
    if (video.isKnown && video.canStart)
      return audio.isKnown || isMissing(this.#stated?.audio, video.span ?? 0, elapsedMs)
    if (!audio.isKnown || audio.span === undefined) return false
    if (video.span !== undefined) return elapsedMs >= unknownVideoMs
    return isMissing(this.#stated?.video, audio.span, elapsedMs)
  }
}

/** Whether a track is missing after `otherSpanMs` of the other track. */
const isMissing = (isStated: boolean | undefined, otherSpanMs: number, elapsedMs: number) =>
  isStated === false ||
  otherSpanMs >= (isStated ? statedTrackMs : missingTrackMs) ||
  elapsedMs >= statedTrackMs
