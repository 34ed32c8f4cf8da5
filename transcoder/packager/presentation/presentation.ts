import type { Rendition } from '../../../core/media/source.ts'
import type { Log } from '../../../core/process/log.ts'
import { createEpochPackager, type EpochOptions, type EpochSink } from '../packing/epoch-packager.ts'
import { createPartTarget } from '../packing/part-target.ts'
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
  /** At most one is audio. Video comes first, the largest at the head. */
  renditions: readonly RenditionPlan[]
  /**
   * Date of media time 0, ms since the epoch; by default such that the first media is dated when it arrives.
   */
  mediaZeroAt?: number | undefined
  /** Media sequence number and discontinuity sequence with which a takeover continues; 0 by default. */
  startMsn?: number | undefined
  startDiscontinuity?: number | undefined
  /** Number of segments kept in the playlist, at least 6 (default 12). */
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
  /** Resolves when every rendition has an init segment and a part (or segment). Never rejects. */
  readonly playable: Promise<void>
  readonly isPlayable: boolean
  readonly isEnded: boolean
  /** Where a takeover would continue. */
  readonly nextMsn: number
  readonly discontinuity: number
  /** Ends the previous epoch and begins another. */
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

/** Creates the packager's state for one session, through all its epochs. */
export function createPresentation(options: PresentationOptions): Presentation {
  const { sessionId, slug, log, startMsn = 0, startDiscontinuity = 0 } = options
  const plan = segmentPlanFor(options.segmentMs)
  const clock = createProgramClock(options.mediaZeroAt)
  const partTarget = createPartTarget(options.partMs)
  const playable = Promise.withResolvers<void>()
  const streams = createStreams(options, plan.targetDuration, onPublish)
  const streamList = [...streams.values()]
  let version = 0
  let sink: EpochSink | undefined
  let state: 'starting' | 'playable' | 'ended' = 'starting'

  function onPublish() {
    version++
    if (state !== 'starting' || !streamList.every((stream) => stream.isPlayable)) return
    state = 'playable'
    playable.resolve()
  }

  const nextMsn = () => Math.max(startMsn, ...streamList.map((stream) => stream.nextMsn))

  function beginEpoch(epoch: EpochOptions): EpochSink {
    if (state === 'ended') return { write() {}, end() {} }
    const isContinuation = sink !== undefined || startMsn > 0
    sink?.end()
    const frameMs = frameDuration(options.renditions, epoch.frameMs)
    const partTargetMs = partTarget.adaptTo(frameMs)
    const endMs = endsOf(streamList)
    const isNewTimeline = epoch.timeline === 'new'
    if (isNewTimeline) clock.restart(Math.max(endMs.video, endMs.audio))
    for (const stream of streamList) stream.beginEpoch(epoch.epoch)
    log.info({ epoch: epoch.epoch, msn: nextMsn(), partTargetMs }, 'epoch begins')
    sink = createEpochPackager(epoch, {
      streams,
      clock,
      plan,
      partTargetMs,
      frameMs,
      firstMsn: nextMsn(),
      isContinuation,
      floorOf: (stream) => (isNewTimeline ? Number.NEGATIVE_INFINITY : endMs[stream.plan.kind]),
    })
    return sink
  }

  return {
    sessionId,
    slug,
    streams,
    playable: playable.promise,
    targetDuration: plan.targetDuration,
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
      return streamList[0] ? discontinuityAfter(streamList[0]) : startDiscontinuity
    },
    beginEpoch,
    end() {
      if (state === 'ended') return
      sink?.end()
      state = 'ended'
      for (const stream of streamList) stream.end()
    },
    renditions: () => streamList.map(measuredRendition),
    mediaEndMs: (rendition) => streams.get(rendition)?.endMs,
  }
}

function createStreams(
  options: PresentationOptions,
  targetDuration: number,
  onPublish: () => void,
): ReadonlyMap<string, RenditionStream> {
  const { renditions, partMs, segmentMs, startMsn = 0, startDiscontinuity = 0, windowSegments = 12 } = options
  const streamOf = (plan: RenditionPlan) =>
    new RenditionStream({
      plan,
      targetDuration,
      windowMs: Math.max(6, windowSegments) * segmentMs,
      startMsn,
      startDiscontinuity,
      hasParts: partMs !== null,
      onPublish,
      onPartDelay: options.onPartDelay,
    })
  return new Map(renditions.map((plan) => [plan.name, streamOf(plan)]))
}

/** Returns the duration of a frame of the top rendition, ms, within sane bounds. */
function frameDuration(renditions: readonly RenditionPlan[], ms: number): number {
  if (renditions.every((plan) => plan.kind === 'audio')) return audioFrameMs
  return Number.isFinite(ms) && ms > 0 ? Math.min(1000, Math.max(4, ms)) : usualFrameMs
}

/**
 * Returns the end of the published media of each kind, ms; -Infinity for none. Audio ends at a slightly
 * different time than video, because its frames have another duration.
 */
function endsOf(streams: readonly RenditionStream[]): Record<RenditionPlan['kind'], number> {
  const endOf = (kind: RenditionPlan['kind']) => {
    const ends = streams.flatMap((stream) => (stream.plan.kind === kind ? (stream.endMs ?? []) : []))
    return Math.max(Number.NEGATIVE_INFINITY, ...ends)
  }
  return { video: endOf('video'), audio: endOf('audio') }
}

/** Returns the discontinuity sequence after all media of a rendition. */
function discontinuityAfter({ window, open }: RenditionStream): number {
  const { discontinuitySequence, listed } = window
  const segments = open ? [...listed, open] : listed
  return discontinuitySequence + segments.filter((segment) => segment.hasDiscontinuity).length
}
