import type { Rendition } from '../../../core/media/source.ts'
import type { Log } from '../../../core/process/log.ts'
import {
  createEpochPackager,
  type EpochOptions,
  type EpochPackager,
  type EpochSink,
} from '../packing/epoch-packager.ts'
import { createPartTarget, fills } from '../packing/part-target.ts'
import { createProgramClock } from '../packing/program-clock.ts'
import { segmentPlanFor } from '../packing/segment-plan.ts'
import { type RenditionPlan, RenditionStream } from '../window/rendition-stream.ts'
import { measuredRendition } from './measured-rendition.ts'

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
  const playable = Promise.withResolvers<void>()
  const streams = new Map<string, RenditionStream>()
  let version = 0
  let epochs: readonly EpochPackager[] = []
  let state: 'starting' | 'playable' | 'ended' = 'starting'
  let completionTimer: NodeJS.Timeout | undefined

  function onPublish() {
    version++
    if (state !== 'starting') return
    const list = [...streams.values()]
    if (list.every((stream) => stream.isPlayable)) return becomePlayable()
    const kinds = new Set(list.map(({ plan }) => plan.kind))
    const isEachKindPlayable = [...kinds].every((kind) =>
      list.some((stream) => stream.plan.kind === kind && stream.isPlayable),
    )
    if (isEachKindPlayable) completionTimer ??= setTimeout(becomePlayable, completionMs)
  }

  function becomePlayable() {
    clearTimeout(completionTimer)
    if (state !== 'starting') return
    state = 'playable'
    version++
    playable.resolve()
  }

  function addRenditions(plans: readonly RenditionPlan[]) {
    const [first] = streams.values()
    const startOf = {
      startMsn: first ? nextMsn() : startMsn,
      startDiscontinuity: first ? discontinuityAfter(first) : startDiscontinuity,
    }
    for (const rendition of plans)
      if (!streams.has(rendition.name))
        streams.set(
          rendition.name,
          new RenditionStream({
            plan: rendition,
            targetDuration: plan.targetDuration,
            windowMs: Math.max(6, options.windowSegments ?? 8) * options.segmentMs,
            hasParts: options.partMs !== null,
            onPublish,
            onPartDelay: options.onPartDelay,
            ...startOf,
          }),
        )
  }

  const nextMsn = () => Math.max(startMsn, ...[...streams.values()].map((stream) => stream.nextMsn))

  /** Returns the number of the first segment that an epoch may publish: the first that no other has. */
  function firstFreeMsn(): number {
    const open = [...streams.values()].flatMap((stream) => stream.open?.msn ?? [])
    const planned = epochs.flatMap((epoch) => epoch.lastMsn ?? [])
    return Math.max(nextMsn(), ...[...open, ...planned].map((msn) => msn + 1))
  }

  function beginEpoch(epoch: EpochOptions): EpochSink {
    const [previous, ...older] = epochs.toReversed()
    for (const each of older) each.sink.endAll()
    const frameMs = frameDuration(epoch)
    const partTargetMs = partTarget.forFrames(frameMs)
    log.info({ epoch: epoch.epoch, msn: nextMsn(), partTargetMs }, 'epoch begins')
    const next = createEpochPackager(epoch, {
      streams,
      clock,
      plan,
      partTargetMs,
      frameMs,
      firstMsn: firstFreeMsn,
      isContinuation: previous !== undefined || startMsn > 0,
    })
    epochs = previous ? [previous, next] : [next]
    return next.sink
  }

  addRenditions(options.renditions ?? [])
  return {
    sessionId,
    slug,
    streams,
    playable: playable.promise,
    targetDuration: plan.targetDuration,
    hasCaptions: false,
    get partTargetMs() {
      return partTarget.listedMs
    },
    get version() {
      return version
    },
    get isPlayable() {
      return state === 'playable'
    },
    get isEnded() {
      return state === 'ended'
    },
    get nextMsn() {
      return nextMsn()
    },
    get discontinuity() {
      const [first] = streams.values()
      return first ? discontinuityAfter(first) : startDiscontinuity
    },
    fillsParts: (audioFrameMs, videoFrameMs) =>
      options.partMs === null || fills(partTarget.suiting(videoFrameMs ?? audioFrameMs), audioFrameMs),
    addRenditions,
    beginEpoch,
    end() {
      if (state === 'ended') return
      clearTimeout(completionTimer)
      for (const epoch of epochs) epoch.sink.endAll()
      state = 'ended'
      for (const stream of streams.values()) stream.end()
    },
    renditions: () => [...streams.values()].map(measuredRendition),
    mediaEndMs: (rendition) => streams.get(rendition)?.endMs,
  }
}

/** Returns the duration of a frame of the leading rendition, ms, within sane bounds. */
function frameDuration({ leader, frameMs }: EpochOptions): number {
  if (leader === 'audio') return Number.isFinite(frameMs) && frameMs > 0 ? frameMs : audioFrameMs
  return Number.isFinite(frameMs) && frameMs > 0 ? Math.min(1000, Math.max(4, frameMs)) : usualFrameMs
}

/** Returns the discontinuity sequence after all media of a rendition. */
function discontinuityAfter({ window, open }: RenditionStream): number {
  const { discontinuitySequence, listed } = window
  const segments = open ? [...listed, open] : listed
  return discontinuitySequence + segments.filter((segment) => segment.hasDiscontinuity).length
}
