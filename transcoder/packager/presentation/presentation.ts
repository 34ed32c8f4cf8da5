import type { Rendition } from '../../../core/media/source.ts'
import type { Log } from '../../../core/process/log.ts'
import type { EpochOptions, EpochSink } from '../packing/epoch-packager.ts'
import { createPartTarget, fills } from '../packing/part-target.ts'
import { createProgramClock } from '../packing/program-clock.ts'
import { segmentPlanFor } from '../packing/segment-plan.ts'
import { type AdoptedMedia, startAfter } from '../window/adopted-media.ts'
import type { RenditionPlan, RenditionStreamOptions } from '../window/rendition-options.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import { createEpochList } from './epoch-list.ts'
import { measuredRendition } from './measured-rendition.ts'
import { createPause, type Pause } from './pause.ts'
import { createStreamSet, type StreamSet } from './stream-set.ts'

export interface PresentationOptions {
  sessionId: string
  slug: string
  /**
   * Wanted length of parts, ms; null if playlists list no parts. The part target is a length near to it that
   * whole frames fill.
   */
  partMs: number | null
  /** Segment length in the settings (NOWCAST_SEGMENT_MS), ms. */
  segmentMs: number
  /** Renditions to begin with, in the order that `setRenditions` requires; none by default. */
  renditions?: readonly RenditionPlan[]
  /**
   * Date of session time 0, ms since 1970. By default the first segment gets the present date when it begins.
   */
  mediaZeroAt?: number | undefined
  /**
   * Media sequence number and discontinuity sequence of the first segment; 0 by default. A transcoder that
   * replaces another one continues its numbers.
   */
  startMsn?: number | undefined
  startDiscontinuity?: number | undefined
  /** What that transcoder published, by the name of the rendition. */
  adopted?: ReadonlyMap<string, AdoptedMedia> | undefined
  /** Length of the playlist as a number of segments of `segmentMs`; 7 by default, at least 6. */
  windowSegments?: number
  log: Log
  /**
   * Called for each part, also where playlists list none, with the time from the arrival of its last byte to
   * its publication, in seconds.
   */
  onPartDelay?: (kind: RenditionPlan['kind'], seconds: number) => void
  /** Called when a segment with media is complete, and when it can no longer be fetched. */
  onSegment?: RenditionStreamOptions['onSegment']
  onForgotten?: RenditionStreamOptions['onForgotten']
}

/** Media of a session as viewers see it: renditions with their segments and parts, through all epochs. */
export interface Presentation {
  readonly sessionId: string
  readonly slug: string
  /**
   * Resolves when all renditions have media, or 3 s after there is one of each kind with media. Never
   * rejects. Stays pending if the presentation ends before that.
   */
  readonly playable: Promise<void>
  readonly isPlayable: boolean
  readonly isEnded: boolean
  /** Media sequence number and discontinuity sequence with which another transcoder would continue. */
  readonly nextMsn: number
  readonly discontinuity: number
  /** Whether the coded video has carried captions so far. The caller sets it. */
  hasCaptions: boolean
  /** The newest picture of the show, JPEG; undefined before the first one. The caller sets it. */
  picture: Buffer | undefined
  /**
   * Whether whole frames of audio fill a part to at least `minFill`; true when playlists list no parts.
   * Lengths are ms; that of video is undefined without video.
   */
  fillsParts(audioFrameMs: number, videoFrameMs: number | undefined): boolean
  /**
   * Sets the renditions that playlists list from now on. Those whose names are new are added. Video must come
   * first, beginning with the largest. The first audio rendition is the default one. A rendition stays empty
   * until it joins an epoch.
   */
  setRenditions(plans: readonly RenditionPlan[]): void
  /** The time without a source, from `pause.begin` to the next epoch. */
  readonly pause: Pick<Pause, 'begin' | 'hasHeld'>
  /** Begins an epoch, and ends those before the previous one. `join` makes a rendition change to it. */
  beginEpoch(options: EpochOptions): EpochSink
  /**
   * Publishes the last parts and EXT-X-ENDLIST, and releases every waiting request. The media can still be
   * fetched.
   */
  end(): void
  /**
   * Releases every waiting request with 503, because another transcoder continues the session. The media can
   * still be fetched.
   */
  leave(): void
  /** Renditions by name, in the order of `setRenditions`. */
  readonly streams: ReadonlyMap<string, RenditionStream>
  /** EXT-X-TARGETDURATION, seconds. */
  readonly targetDuration: number
  /** PART-TARGET, ms; null when playlists list no parts. */
  readonly partTargetMs: number | null
  /**
   * Number that increases with every publication. A playlist that was rendered at this version is up to date.
   */
  readonly version: number
  /**
   * Returns the renditions that are listed, in the order of `streams`, with what was measured of their media.
   */
  renditions(): Rendition[]
  /**
   * Returns the time at which the published media of a rendition ends, ms of session time; undefined before
   * the first part.
   */
  mediaEndMs(rendition: string): number | undefined
}

/** Maximum time to wait for the other renditions once one of each kind has media, ms. */
const completionMs = 3000

export function createPresentation(options: PresentationOptions): Presentation {
  const { sessionId, slug, log, adopted = new Map<string, AdoptedMedia>() } = options
  const { mediaZeroAt, ...start } = startAfter(adopted, options)
  const plan = segmentPlanFor(options.segmentMs)
  const partTarget = createPartTarget(options.partMs)
  const state = createPresentationState()
  const streams = createStreamSet({
    ...plan,
    windowMs: Math.max(6, options.windowSegments ?? 7) * options.segmentMs,
    ...start,
    adopted,
    hasParts: options.partMs !== null,
    onPublish: () => state.published(streams.playable),
    onPartDelay: options.onPartDelay,
    onSegment: options.onSegment ?? (() => {}),
    onForgotten: options.onForgotten ?? (() => {}),
  })
  const pause = createPause(plan.targetDuration, () => {
    for (const { waits } of streams.byName.values()) waits.review()
  })
  const context = { streams, clock: createProgramClock(mediaZeroAt), plan, partTarget, log }
  const epochs = createEpochList({ ...context, isTakeover: start.startMsn > 0 })

  for (const rendition of options.renditions ?? []) streams.add(rendition)
  return {
    ...{ sessionId, slug, streams: streams.byName, playable: state.playable, pause },
    targetDuration: plan.targetDuration,
    hasCaptions: false,
    picture: undefined,
    get partTargetMs() {
      return partTarget.listedMs
    },
    get version() {
      return state.version
    },
    get isPlayable() {
      return state.isPlayable
    },
    get isEnded() {
      return state.isEnded
    },
    get nextMsn() {
      return streams.nextMsn
    },
    get discontinuity() {
      return streams.discontinuity
    },
    fillsParts: (audioFrameMs, videoFrameMs) =>
      options.partMs === null || fills(partTarget.suiting(videoFrameMs ?? audioFrameMs), audioFrameMs),
    setRenditions: streams.set,
    beginEpoch(epoch) {
      pause.end()
      return epochs.begin(epoch)
    },
    end() {
      if (state.isEnded) return
      pause.end()
      epochs.endAll()
      state.end()
      for (const stream of streams.byName.values()) stream.end()
    },
    leave() {
      pause.end()
      for (const { waits } of streams.byName.values()) waits.close()
    },
    renditions: () =>
      [...streams.byName.values()].filter(({ isDropped }) => !isDropped).map(measuredRendition),
    mediaEndMs: (rendition) => streams.byName.get(rendition)?.endMs,
  }
}

/** Creates the state of a presentation, and the counter of its publications. */
function createPresentationState() {
  const playable = Promise.withResolvers<void>()
  let version = 0
  let kind: 'starting' | 'playable' | 'ended' = 'starting'
  let completionTimer: NodeJS.Timeout | undefined

  function becomePlayable() {
    clearTimeout(completionTimer)
    if (kind !== 'starting') return
    kind = 'playable'
    version++
    playable.resolve()
  }

  return {
    playable: playable.promise,
    get version() {
      return version
    },
    get isPlayable() {
      return kind === 'playable'
    },
    get isEnded() {
      return kind === 'ended'
    },
    /** Counts a publication. `what`: which renditions have media after it. */
    published(what: StreamSet['playable']): void {
      version++
      if (kind !== 'starting' || what === 'no') return
      if (what === 'all') becomePlayable()
      else completionTimer ??= setTimeout(becomePlayable, completionMs)
    },
    end(): void {
      clearTimeout(completionTimer)
      kind = 'ended'
    },
  }
}
