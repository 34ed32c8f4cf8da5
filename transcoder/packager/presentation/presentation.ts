import type { Rendition } from '../../../core/media/source.ts'
import type { Log } from '../../../core/process/log.ts'
import { type EpochOptions, EpochPackager, type EpochSink } from '../packing/epoch-packager.ts'
import { createPartTarget, fills } from '../packing/part-target.ts'
import { createProgramClock } from '../packing/program-clock.ts'
import { segmentPlanFor } from '../packing/segment-plan.ts'
import type { RenditionPlan, RenditionStream } from '../window/rendition-stream.ts'
import { measuredRendition } from './measured-rendition.ts'
import { createStreamSet, type StreamSet } from './stream-set.ts'

export interface PresentationOptions {
  sessionId: string
  slug: string
  /**
   * Configured part length, ms. The part target is the nearest whole number of frames. Null: segments only.
   */
  partMs: number | null
  /** Configured segment length, ms. */
  segmentMs: number
  /** Renditions to begin with; none by default. Order as in `addRenditions`. */
  renditions?: readonly RenditionPlan[]
  /**
   * Date of media time 0, ms since the epoch; by default such that the first media is dated when it arrives.
   */
  mediaZeroAt?: number | undefined
  /** Media sequence number and discontinuity sequence with which a takeover continues; 0 by default. */
  startMsn?: number | undefined
  startDiscontinuity?: number | undefined
  /** Number of segments kept in the playlist, at least 6 (default 8). */
  windowSegments?: number
  log: Log
  /**
   * Called for each part (also where playlists do not list them) with the time from the arrival of its last
   * byte to its publication, s.
   */
  onPartDelay?: (kind: RenditionPlan['kind'], seconds: number) => void
}

/** What viewers see of a session: renditions with their segments and parts, through all epochs. */
export interface Presentation {
  readonly sessionId: string
  readonly slug: string
  /**
   * Resolves when there is something to play in every rendition, or for 3 s in one of each kind. Never
   * rejects.
   */
  readonly playable: Promise<void>
  readonly isPlayable: boolean
  readonly isEnded: boolean
  /** Where a takeover would continue. */
  readonly nextMsn: number
  readonly discontinuity: number
  /** Whether the picture carries captions. */
  hasCaptions: boolean
  /** Whether whole frames of audio fill a part, beside video with frames of a duration; all ms. */
  fillsParts(audioFrameMs: number, videoFrameMs: number | undefined): boolean
  /**
   * Adds renditions to the existing ones: video first, the largest at the head. The first audio rendition is
   * the one to play by default. They begin with the next epoch that they join.
   */
  addRenditions(plans: readonly RenditionPlan[]): void
  /** Begins another epoch. Renditions change to it one by one; those of an older one than the last end. */
  beginEpoch(options: EpochOptions): EpochSink
  /**
   * Publishes the last parts and EXT-X-ENDLIST, and releases every waiting request. The media can still be
   * fetched.
   */
  end(): void
  /** Media by rendition, in the order of the plan. */
  readonly streams: ReadonlyMap<string, RenditionStream>
  /** EXT-X-TARGETDURATION, s. */
  readonly targetDuration: number
  /** PART-TARGET, ms; null without parts. */
  readonly partTargetMs: number | null
  /** Increases with every publication. A playlist of the same version is up to date. */
  readonly version: number
  /** Returns the renditions as planned, with measured values. */
  renditions(): Rendition[]
  /**
   * Returns the end of a rendition's published media, ms in the source's timestamps; undefined before the
   * first part.
   */
  mediaEndMs(rendition: string): number | undefined
}

const usualFrameMs = 1000 / 30
const audioFrameMs = 1024 / 48
/** Time that renditions have to become playable after the first of each kind is, ms. */
const completionMs = 3000

/** Creates the packager's state for one session, through all its epochs. */
export function createPresentation(options: PresentationOptions): Presentation {
  const { sessionId, slug, log, startMsn = 0, startDiscontinuity = 0 } = options
  const plan = segmentPlanFor(options.segmentMs)
  const clock = createProgramClock(options.mediaZeroAt)
  const partTarget = createPartTarget(options.partMs)
  const state = createPresentationState()
  const streams = createStreamSet({
    targetDuration: plan.targetDuration,
    windowMs: Math.max(6, options.windowSegments ?? 8) * options.segmentMs,
    startMsn,
    startDiscontinuity,
    hasParts: options.partMs !== null,
    onPublish: () => state.published(streams.playable),
    onPartDelay: options.onPartDelay,
  })
  let epochs: readonly EpochPackager[] = []

  function beginEpoch(epoch: EpochOptions): EpochSink {
    const [previous, ...older] = epochs.toReversed()
    for (const each of older) each.endAll()
    const frameMs = frameDuration(epoch)
    const partTargetMs = partTarget.forFrames(frameMs)
    log.info({ epoch: epoch.epoch, msn: streams.nextMsn, partTargetMs }, 'epoch begins')
    const next = new EpochPackager(epoch, {
      streams: streams.byName,
      clock,
      plan,
      partTargetMs,
      frameMs,
      firstMsn: () => Math.max(streams.firstFreeMsn, ...epochs.map(({ lastMsn = -1 }) => lastMsn + 1)),
      isContinuation: previous !== undefined || startMsn > 0,
    })
    epochs = previous ? [previous, next] : [next]
    return next
  }

  for (const rendition of options.renditions ?? []) streams.add(rendition)
  return {
    sessionId,
    slug,
    streams: streams.byName,
    playable: state.playable,
    targetDuration: plan.targetDuration,
    hasCaptions: false,
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
    addRenditions: (plans) => plans.forEach(streams.add),
    beginEpoch,
    end() {
      if (state.isEnded) return
      for (const epoch of epochs) epoch.endAll()
      state.end()
      for (const stream of streams.byName.values()) stream.end()
    },
    renditions: () => [...streams.byName.values()].map(measuredRendition),
    mediaEndMs: (rendition) => streams.byName.get(rendition)?.endMs,
  }
}

/** What a presentation has come to, and how often something was published. */
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
    /** Records that something was published, and what can be played since. */
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

/** Returns the duration of a frame of the leading rendition, ms, within sane bounds. */
function frameDuration({ leader, frameMs }: EpochOptions): number {
  if (leader === 'audio') return Number.isFinite(frameMs) && frameMs > 0 ? frameMs : audioFrameMs
  return Number.isFinite(frameMs) && frameMs > 0 ? Math.min(1000, Math.max(4, frameMs)) : usualFrameMs
}
