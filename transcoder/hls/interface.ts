import type { Rendition } from '../../core/media/source.ts'
import type { Log } from '../../core/process/log.ts'
import type { RenditionStream } from './rendition-stream.ts'

/** One rendition as planned. The set of renditions is fixed for the life of a presentation. */
export interface TrackPlan {
  /** Name in URLs: `1080p`, `720p`, … or `audio`. */
  name: string
  kind: 'video' | 'audio'
  /** Whether the codec's bytes are the publisher's own. */
  passthrough: boolean
}

export interface PresentationOptions {
  sessionId: string
  slug: string
  /** Wanted part length, ms; the part target is the nearest whole number of frames. Null: segments only. */
  partMs: number | null
  /** Wanted segment length, ms. */
  segmentMs: number
  /** At most one is audio; highest video first. */
  renditions: readonly TrackPlan[]
  /** Date of media time 0, ms since the epoch; by default what arrives first is of now. */
  mediaZeroAt?: number
  /** Where a takeover goes on; 0 by default. */
  startMsn?: number
  startDiscontinuity?: number
  /** Segments kept in the playlist, at least 6 (default 12). */
  windowSegments?: number
  log: Log
  /** Told of each part (or segment where there are no parts): s from the arrival of its last byte until it could be fetched. */
  onPartDelay?: (kind: TrackPlan['kind'], seconds: number) => void
  /** Called after anything that a viewer could see changed; must be cheap. */
  onChange?: () => void
}

/** One run of ffmpeg. */
export interface EpochOptions {
  /** Number in media paths; larger than every former one. */
  epoch: number
  /** `silent`: the source has no sound (yet); the packager makes silence and nothing may be written to the audio rendition. */
  audio: 'pipe' | 'silent'
  /** Duration of a video frame, ms (1000 / fps); ignored when there is no video rendition. */
  frameMs: number
  /** Longest GOP expected, ms, when known: better cuts in the first segments. */
  gopMs?: number
  /**
   * `same` (default): timestamps go on from the former epoch, and media already published is dropped.
   * `new`: they start anywhere (the publisher came back).
   */
  timeline?: 'same' | 'new'
  /** Told once when sound comes so late that silence was put in its place for good: another epoch is needed for viewers to hear it. */
  onAudioLate?: () => void
  /** Told once when the bytes cannot be understood: the epoch takes nothing more, the presentation stays as it is. */
  onFailure?: (error: Error) => void
}

/** Where the bytes of one epoch go. Calls after its end, or after a newer epoch began, do nothing. */
export interface EpochSink {
  /** Takes bytes of a rendition's pipe, in order, any size. Never throws; keeps `chunk` until its part is whole: do not reuse it. */
  write(name: string, chunk: Buffer): void
  /** No more bytes: what was held back is published. The presentation itself goes on. */
  end(): void
}

/** What viewers see of a session: renditions, their segments and parts, through all epochs. */
export interface Presentation {
  readonly sessionId: string
  readonly slug: string
  /** Resolves when every rendition has an init segment and one part (or segment): the state is live. Never rejects. */
  readonly playable: Promise<void>
  readonly isPlayable: boolean
  readonly isEnded: boolean
  /** Where a takeover would go on. */
  readonly nextMsn: number
  readonly discontinuity: number
  beginEpoch(options: EpochOptions): EpochSink
  /** Ends it: last parts, EXT-X-ENDLIST, every waiting reload answered. The media stays fetchable. */
  end(): void
  /** What the origin serves, in the order of the plan. */
  readonly streams: ReadonlyMap<string, RenditionStream>
  /** Lengths as playlists tell them: s, and ms (null: no parts). */
  readonly targetDuration: number
  readonly partTargetMs: number | null
  /** Grows with everything published: an answer made at the same version is still true. */
  readonly version: number
  /** Plan with measured values. */
  renditions(): Rendition[]
  /** End of the published media, ms in the source's timestamps; undefined before the first. */
  mediaEndMs(name: string): number | undefined
}
