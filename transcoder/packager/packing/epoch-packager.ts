import type { Sample } from '../mp4/sample.ts'
import type { DescribedTrack } from '../mp4/track.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import { AudioPacker } from './audio-packer.ts'
import type { Cut } from './cut-list.ts'
import { createFrameLength } from './frame-length.ts'
import type { Packer, PackerOptions, Progress } from './packer.ts'
import type { ProgramClock } from './program-clock.ts'
import type { SegmentPlan } from './segment-plan.ts'
import { Timeline } from './timeline.ts'
import { VideoPacker } from './video-packer.ts'

/** One run of a transcode. */
export interface EpochOptions {
  /** Number in media paths; larger than that of every earlier epoch. */
  epoch: number
  /**
   * What makes the cuts: the frames of a video rendition, by name; the frames that are observed; the only
   * audio rendition.
   */
  leader: { rendition: string } | 'observed' | 'audio'
  /** Audio renditions that the packager fills with silence, because the source has no sound. */
  silent?: readonly string[]
  /** Duration of a video frame, ms (1000 / fps); ignored without a video rendition. */
  frameMs: number
  /** Longest GOP to expect, ms, if known. It improves the cuts of the first segments. */
  gopMs?: number | undefined
  /** Called once for a rendition whose media cannot be packed. The rendition ends; the others continue. */
  onFailure?: (rendition: string, error: Error) => void
}

/**
 * Takes the media of one epoch. A rendition takes part from `join` to `end`; calls before and after have no
 * effect. Media of a rendition that the previous epoch published is not published again.
 */
export interface EpochSink {
  readonly epoch: number
  /** Begins a rendition. It must have ended in the previous epoch. */
  join(rendition: string): void
  /** Sets the track of a rendition, before any sample. */
  setTrack(rendition: string, track: DescribedTrack): void
  /** Takes the next sample of a rendition, in decode order. Keeps its data until its part is complete. */
  add(rendition: string, sample: Sample): void
  /** Records the next frame as it is shown, if the cuts are made by observed frames. */
  observe(frame: ObservedFrame): void
  /** Time has passed. */
  advance(progress: Progress): void
  /** End of the media that a rendition has received, ms; undefined before the first. */
  receivedMs(rendition: string): number | undefined
  /** Ends a rendition: what was held back is published, up to `endMs`. */
  end(rendition: string, endMs?: number): void
  /** Ends all renditions. */
  endAll(): void
}

/** A frame that encoded renditions have or will have. */
export interface ObservedFrame {
  startMs: number
  isSync: boolean
}

/** What an epoch takes over from its presentation. */
export interface EpochContext {
  streams: ReadonlyMap<string, RenditionStream>
  clock: ProgramClock
  plan: SegmentPlan
  partTargetMs: number
  frameMs: number
  /** Returns the number of the first segment, when that begins. */
  firstMsn: () => number
  /** Whether the first segment follows others that viewers may know. */
  isContinuation: boolean
}

/** Lag behind the source after which missing segments of a rendition become gaps, in target durations. */
const maxLagTargets = 3

export type EpochPackager = ReturnType<typeof createEpochPackager>

/** Packages one epoch into a presentation. Each rendition has a packer; the packers share a timeline. */
export function createEpochPackager(options: EpochOptions, context: EpochContext) {
  const { streams, clock, plan, partTargetMs, frameMs, firstMsn, isContinuation } = context
  const timeline = new Timeline({ ...plan, partTargetMs, frameMs, gopMs: options.gopMs ?? 0, firstMsn })
  const packers = new Map<string, Packer>()
  const frameLength = createFrameLength(frameMs)
  const hasVideo = options.leader !== 'audio'
  let openedMsn: number | undefined

  const isLeader = (rendition: string) =>
    typeof options.leader === 'object' && options.leader.rendition === rendition

  function openSegment(stream: RenditionStream, cut: Cut, startMs: number) {
    stream.closeSegment(startMs - (stream.open?.startMs ?? startMs))
    fillGaps(stream, streams.values(), cut.msn)
    openedMsn ??= cut.msn
    stream.openSegment({
      msn: cut.msn,
      epoch: options.epoch,
      startMs,
      date: clock.dateOf(startMs),
      // RFC 8216bis 6.2.1: "Any changes in encoding parameters … or timing information MUST be signalled by
      // the use of EXT-X-DISCONTINUITY."
      hasDiscontinuity: cut.isJump || (cut.msn === openedMsn && isContinuation),
    })
  }

  function newPacker(stream: RenditionStream): Packer {
    const { name, kind } = stream.plan
    const common: PackerOptions = {
      timeline,
      stream,
      openSegment: (cut, startMs) => openSegment(stream, cut, startMs),
      partTargetMs,
      maxSegmentMs: plan.maxSegmentMs,
      floorMs: stream.endMs ?? Number.NEGATIVE_INFINITY,
    }
    if (kind === 'video') {
      const maxLagMs = maxLagTargets * plan.targetDuration * 1000
      return new VideoPacker({
        ...common,
        isLeading: isLeader(name),
        frameMs,
        maxFrameMs: plan.maxSegmentMs,
        maxLagMs,
      })
    }
    const mode = options.silent?.includes(name) ? 'silent' : hasVideo ? 'follow' : 'lead'
    return new AudioPacker({ ...common, mode })
  }

  function end(rendition: string, endMs = Number.POSITIVE_INFINITY) {
    const packer = packers.get(rendition)
    if (packer === undefined) return
    packers.delete(rendition)
    try {
      packer.end(endMs)
    } catch (error) {
      options.onFailure?.(rendition, error as Error)
    }
    streams.get(rendition)?.closeSegment()
  }

  /** Calls a packer. One that fails ends, and with it what it had held back. */
  function call(rendition: string, run: (packer: Packer) => void) {
    const packer = packers.get(rendition)
    if (packer === undefined) return
    try {
      run(packer)
    } catch (error) {
      packers.delete(rendition)
      streams.get(rendition)?.closeSegment()
      options.onFailure?.(rendition, error as Error)
    }
  }

  /** Lets audio continue to where the video is now. */
  function followVideo(now: number) {
    for (const [name, packer] of packers)
      if (packer instanceof AudioPacker) call(name, () => packer.progress(now))
  }

  const sink: EpochSink = {
    epoch: options.epoch,
    join(rendition) {
      const stream = streams.get(rendition)
      if (stream === undefined || packers.has(rendition)) return
      stream.beginEpoch(options.epoch)
      packers.set(rendition, newPacker(stream))
    },
    setTrack: (rendition, track) => call(rendition, (packer) => packer.setTrack(track)),
    add(rendition, sample) {
      const now = performance.now()
      call(rendition, (packer) => packer.add(sample, now))
      if (isLeader(rendition)) followVideo(now)
    },
    observe({ startMs, isSync }) {
      if (options.leader !== 'observed') return
      timeline.observe({ startMs, endMs: startMs + frameLength(startMs), isSync })
      followVideo(performance.now())
    },
    advance(progress) {
      for (const rendition of packers.keys()) call(rendition, (packer) => packer.advance(progress))
    },
    receivedMs(rendition) {
      const endMs = packers.get(rendition)?.endMs ?? streams.get(rendition)?.endMs
      return endMs !== undefined && Number.isFinite(endMs) ? endMs : undefined
    },
    end,
    endAll() {
      for (const rendition of [...packers.keys()]) end(rendition)
      const lastMsn = timeline.lastMsn
      if (lastMsn !== undefined)
        for (const stream of streams.values()) fillGaps(stream, streams.values(), lastMsn + 1)
    },
  }
  return {
    sink,
    /** Number of the newest segment; undefined before the first. */
    get lastMsn() {
      return timeline.lastMsn
    },
  }
}

/**
 * Adds the segments before `msn` that a rendition lacks as gaps, so that media sequence numbers stay aligned.
 */
function fillGaps(stream: RenditionStream, all: Iterable<RenditionStream>, msn: number) {
  if (stream.open || !stream.hasBegun) return
  const others = [...all]
  while (stream.nextMsn < msn) {
    const missing = others.map((other) => other.window.find(stream.nextMsn)).find((found) => found)
    stream.addGap(missing)
  }
}
