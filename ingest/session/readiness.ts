import { readStatedTracks, type StatedTracks } from '../rtmp/metadata.ts'
import type { AudioMonitor } from './audio-monitor.ts'
import type { VideoMonitor } from './video-monitor.ts'

/**
 * Media time of one track after which the other track counts as missing, ms. `statedTrackMs` applies to a
 * track that the publisher's metadata contains. It also limits the wait by the wall clock, because timestamps
 * may stand still.
 */
const missingTrackMs = 400
const statedTrackMs = 2000
/** Time from the first packet after which a burst no longer delays the announcement, ms. */
const maxSettlingMs = 2000
/** Time from the first packet for which an unknown picture delays the announcement of sound, ms. */
const unknownVideoMs = 5000
/**
 * Maximum time from the first packet until a track must be known, ms. The first keyframe may be that late.
 */
const maxUnknownMs = 20_000

/** Time to the next check whether a burst at the beginning is over, ms. */
const recheckMs = 75

/** Why a session whose state is `hopeless` ends, for its publisher. */
export const undecodable =
  'Neither picture nor sound can be decoded, because their codec headers did not come. Restart the encoder.'

/**
 * `waiting`: a track may still become known. `settling`: all is known, but media may arrive faster than in
 * real time. `hopeless`: no track became known within `maxUnknownMs`.
 */
export type ReadinessState = 'waiting' | 'settling' | 'ready' | 'hopeless'

type Video = Pick<VideoMonitor, 'isKnown' | 'canStart' | 'span'>
type Audio = Pick<AudioMonitor, 'isKnown' | 'span'>

/** Decides when enough is known about a source to announce it. */
export class Readiness {
  #stated: StatedTracks | undefined
  #firstAt: number | undefined
  #recheck: NodeJS.Timeout | undefined

  /**
   * Notes which tracks the publisher says it will send. `tag` contains a data message. Only the first
   * metadata counts.
   */
  readMetadata(tag: Buffer): void {
    this.#stated ??= readStatedTracks(tag)
  }

  /**
   * Returns the state at `now`, ms of the monotonic clock. `isSettled`: media arrives no faster than in real
   * time.
   */
  check(video: Video, audio: Audio, isSettled: boolean, now: number): ReadinessState {
    this.#firstAt ??= now
    const elapsedMs = now - this.#firstAt
    if (this.#hasAllTracks(video, audio, elapsedMs))
      return isSettled || elapsedMs > maxSettlingMs ? 'ready' : 'settling'
    return elapsedMs > maxUnknownMs ? 'hopeless' : 'waiting'
  }

  /**
   * Calls `check` after `recheckMs` with the time of that call, unless a call is due already. The publisher
   * may send nothing for a while after its first packets.
   */
  recheck(now: number, check: (now: number) => void): void {
    this.#recheck ??= setTimeout(() => {
      this.#recheck = undefined
      check(now + recheckMs)
    }, recheckMs).unref()
  }

  #hasAllTracks(video: Video, audio: Audio, elapsedMs: number): boolean {
    if (video.isKnown && video.canStart)
      return audio.isKnown || isMissing(this.#stated?.audio, video.span ?? 0, elapsedMs)
    if (!audio.isKnown || audio.span === undefined) return false
    if (video.span !== undefined) return elapsedMs >= unknownVideoMs
    return isMissing(this.#stated?.video, audio.span, elapsedMs)
  }
}

/**
 * Whether a track counts as missing after `otherSpanMs` of the other track, or `elapsedMs` on the wall clock.
 * `isStated`: whether the metadata contains the track; undefined without metadata.
 */
const isMissing = (isStated: boolean | undefined, otherSpanMs: number, elapsedMs: number) =>
  isStated === false ||
  otherSpanMs >= (isStated ? statedTrackMs : missingTrackMs) ||
  elapsedMs >= statedTrackMs
