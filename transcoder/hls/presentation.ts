import type { Rendition } from '../../core/media/source.ts'
import { createEpoch } from './epoch.ts'
import { frameRateOf } from './frame-rate.ts'
import type { EpochOptions, EpochSink, Presentation, PresentationOptions, TrackPlan } from './interface.ts'
import { nextPartTarget, partTargetFor, piecesFor } from './pieces.ts'
import { createProgramClock } from './program-clock.ts'
import { createRenditionStream, type RenditionStream } from './rendition-stream.ts'

/** Parts where viewers get none: only the grain in which segments grow, ms. */
const hiddenPartMs = 500

const usualFrameMs = 1000 / 30
const audioFrameMs = 1024 / 48

/** The packager's state for one session, through all its epochs. */
export function createPresentation(options: PresentationOptions): Presentation {
  const { sessionId, slug, log, startMsn = 0, startDiscontinuity = 0, windowSegments = 12 } = options
  const pieces = piecesFor(options.segmentMs)
  const clock = createProgramClock(options.mediaZeroAt)
  const playable = Promise.withResolvers<void>()
  const hasVideo = options.renditions.some((plan) => plan.kind === 'video')
  const streams = new Map(options.renditions.map((plan) => [plan.name, streamOf(plan)]))
  let version = 0
  let partTargetMs: number | undefined
  let sink: EpochSink | undefined
  let lastEpoch: number | undefined
  let state: 'starting' | 'playable' | 'ended' = 'starting'

  function streamOf(plan: PresentationOptions['renditions'][number]): RenditionStream {
    return createRenditionStream({
      plan,
      targetDuration: pieces.targetDuration,
      windowMs: Math.max(6, windowSegments) * options.segmentMs,
      startMsn,
      startDiscontinuity,
      hasParts: options.partMs !== null,
      onPublish,
    })
  }

  function onPublish() {
    version++
    if (state === 'starting' && all().every((stream) => stream.isPlayable)) {
      state = 'playable'
      playable.resolve()
    }
    options.onChange?.()
  }

  const all = () => [...streams.values()]
  const nextMsn = () => Math.max(startMsn, ...all().map((stream) => stream.nextMsn))

  /** End of the published media of a kind, ms: a little different for sound, whose frames are of other length. */
  const endOf = (kind: TrackPlan['kind']) => {
    const ends = all().flatMap((stream) => (stream.plan.kind === kind ? (stream.endMs ?? []) : []))
    return Math.max(Number.NEGATIVE_INFINITY, ...ends)
  }

  function beginEpoch(epoch: EpochOptions): EpochSink {
    if (state === 'ended') return { write() {}, end() {} }
    sink?.end()
    const frameMs = frameDuration(epoch.frameMs)
    const wanted = options.partMs ?? hiddenPartMs
    partTargetMs =
      partTargetMs === undefined
        ? partTargetFor(wanted, frameMs)
        : nextPartTarget(partTargetMs, wanted, frameMs)
    const floor = { video: endOf('video'), audio: endOf('audio') }
    const isNewTimeline = epoch.timeline === 'new'
    if (isNewTimeline) clock.restart(Math.max(floor.video, floor.audio))
    for (const stream of all()) stream.beginEpoch(epoch.epoch)
    log.info({ epoch: epoch.epoch, msn: nextMsn(), partTargetMs }, 'epoch begins')
    sink = createEpoch(epoch, {
      streams,
      clock,
      pieces,
      partTargetMs,
      frameMs,
      firstMsn: nextMsn(),
      isContinuation: lastEpoch !== undefined || startMsn > 0,
      floorOf: ({ plan }) => (isNewTimeline ? Number.NEGATIVE_INFINITY : floor[plan.kind]),
      onPart: (stream, arrivedAt) =>
        options.onPartDelay?.(stream.plan.kind, (performance.now() - arrivedAt) / 1000),
    })
    lastEpoch = epoch.epoch
    return sink
  }

  const frameDuration = (ms: number) => {
    if (!hasVideo) return audioFrameMs
    return Number.isFinite(ms) && ms > 0 ? Math.min(1000, Math.max(4, ms)) : usualFrameMs
  }

  function measured({ plan, track, window, open, bandwidth }: RenditionStream): Rendition {
    const isVideo = track?.kind === 'video'
    return {
      ...plan,
      codecs: track?.codecs ?? null,
      width: isVideo ? track.width : null,
      height: isVideo ? track.height : null,
      fps: isVideo ? frameRateOf(window.listed.length > 0 || !open ? window.listed : [open]) : null,
      bandwidth: bandwidth?.peak ?? null,
    }
  }

  return {
    sessionId,
    slug,
    streams,
    playable: playable.promise,
    targetDuration: pieces.targetDuration,
    get partTargetMs() {
      return options.partMs === null ? null : (partTargetMs ?? options.partMs)
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
      const [stream] = all()
      if (!stream) return startDiscontinuity
      const { discontinuitySequence, listed } = stream.window
      const shown = stream.open ? [...listed, stream.open] : listed
      return discontinuitySequence + shown.filter((segment) => segment.hasDiscontinuity).length
    },
    beginEpoch,
    end() {
      if (state === 'ended') return
      sink?.end()
      state = 'ended'
      for (const stream of all()) stream.end()
    },
    renditions: () => all().map(measured),
    mediaEndMs: (name) => streams.get(name)?.endMs,
  }
}
