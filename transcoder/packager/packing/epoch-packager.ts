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
export type EpochSink = Pick<
  EpochPackager,
  'epoch' | 'join' | 'setTrack' | 'add' | 'observe' | 'advance' | 'receivedMs' | 'end' | 'endAll'
>

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

/** Packages one epoch into a presentation. Each rendition has a packer; the packers share a timeline. */
export class EpochPackager {
  readonly epoch: number
  readonly #options: EpochOptions
  readonly #context: EpochContext
  readonly #timeline: Timeline
  readonly #frameLength: (startMs: number) => number
  readonly #packers = new Map<string, Packer>()
  #firstMsn: number | undefined

  constructor(options: EpochOptions, context: EpochContext) {
    const { plan, partTargetMs, frameMs, firstMsn } = context
    this.epoch = options.epoch
    this.#options = options
    this.#context = context
    this.#timeline = new Timeline({ ...plan, partTargetMs, frameMs, gopMs: options.gopMs ?? 0, firstMsn })
    this.#frameLength = createFrameLength(frameMs)
  }

  /** Number of the newest segment; undefined before the first. */
  get lastMsn(): number | undefined {
    return this.#timeline.lastMsn
  }

  /** Begins a rendition. It must have ended in the previous epoch. */
  join(rendition: string): void {
    const stream = this.#context.streams.get(rendition)
    if (stream === undefined || this.#packers.has(rendition)) return
    stream.beginEpoch(this.epoch)
    this.#packers.set(rendition, this.#newPacker(stream))
  }

  /** Sets the track of a rendition, before any sample. */
  setTrack(rendition: string, track: DescribedTrack): void {
    this.#call(rendition, (packer) => packer.setTrack(track))
  }

  /** Takes the next sample of a rendition, in decode order. Keeps its data until its part is complete. */
  add(rendition: string, sample: Sample): void {
    const now = performance.now()
    this.#call(rendition, (packer) => packer.add(sample, now))
    if (this.#isLeader(rendition)) this.#followVideo(now)
  }

  /** Records the next frame as it is shown, if the cuts are made by observed frames. */
  observe({ startMs, isSync }: ObservedFrame): void {
    if (this.#options.leader !== 'observed') return
    this.#timeline.observe({ startMs, endMs: startMs + this.#frameLength(startMs), isSync })
    this.#followVideo(performance.now())
  }

  /** Time has passed. */
  advance(progress: Progress): void {
    for (const rendition of this.#packers.keys()) this.#call(rendition, (packer) => packer.advance(progress))
  }

  /** Returns the end of the media that a rendition has received, ms; undefined before the first. */
  receivedMs(rendition: string): number | undefined {
    const endMs = this.#packers.get(rendition)?.endMs ?? this.#context.streams.get(rendition)?.endMs
    return endMs !== undefined && Number.isFinite(endMs) ? endMs : undefined
  }

  /** Ends a rendition: what was held back is published, up to `endMs`. */
  end(rendition: string, endMs = Number.POSITIVE_INFINITY): void {
    this.#call(rendition, (packer) => packer.end(endMs))
    if (this.#packers.delete(rendition)) this.#context.streams.get(rendition)?.closeSegment()
  }

  /** Ends all renditions. */
  endAll(): void {
    for (const rendition of [...this.#packers.keys()]) this.end(rendition)
    const { lastMsn } = this
    if (lastMsn === undefined) return
    for (const stream of this.#context.streams.values()) this.#fillGaps(stream, lastMsn + 1)
  }

  #isLeader(rendition: string): boolean {
    const { leader } = this.#options
    return typeof leader === 'object' && leader.rendition === rendition
  }

  #newPacker(stream: RenditionStream): Packer {
    const { plan, partTargetMs, frameMs } = this.#context
    const { name, kind } = stream.plan
    const common: PackerOptions = {
      timeline: this.#timeline,
      stream,
      openSegment: (cut, startMs) => this.#openSegment(stream, cut, startMs),
      partTargetMs,
      maxSegmentMs: plan.maxSegmentMs,
      floorMs: stream.endMs ?? Number.NEGATIVE_INFINITY,
    }
    if (kind === 'video') {
      const maxLagMs = maxLagTargets * plan.targetDuration * 1000
      return new VideoPacker({ ...common, isLeading: this.#isLeader(name), frameMs, maxLagMs })
    }
    const { silent, leader } = this.#options
    const mode = silent?.includes(name) ? 'silent' : leader === 'audio' ? 'lead' : 'follow'
    return new AudioPacker({ ...common, mode })
  }

  #openSegment(stream: RenditionStream, cut: Cut, startMs: number) {
    const { clock, isContinuation } = this.#context
    stream.closeSegment(startMs - (stream.open?.startMs ?? startMs))
    this.#fillGaps(stream, cut.msn)
    this.#firstMsn ??= cut.msn
    stream.openSegment({
      msn: cut.msn,
      epoch: this.epoch,
      startMs,
      date: clock.dateOf(startMs),
      // RFC 8216bis 6.2.1: "Any changes in encoding parameters … or timing information MUST be signalled by
      // the use of EXT-X-DISCONTINUITY."
      hasDiscontinuity: cut.isJump || (cut.msn === this.#firstMsn && isContinuation),
    })
  }

  /** Calls a packer. One that fails ends, and with it what it had held back. */
  #call(rendition: string, run: (packer: Packer) => void) {
    const packer = this.#packers.get(rendition)
    if (packer === undefined) return
    try {
      run(packer)
    } catch (error) {
      this.#packers.delete(rendition)
      this.#context.streams.get(rendition)?.closeSegment()
      this.#options.onFailure?.(rendition, error as Error)
    }
  }

  /** Lets audio continue to where the video is now. */
  #followVideo(now: number) {
    for (const [name, packer] of this.#packers)
      if (packer instanceof AudioPacker) this.#call(name, () => packer.progress(now))
  }

  /**
   * Adds the segments before `msn` that a rendition lacks as gaps, so that media sequence numbers stay
   * aligned.
   */
  #fillGaps(stream: RenditionStream, msn: number) {
    if (stream.open || !stream.hasBegun) return
    const others = [...this.#context.streams.values()]
    while (stream.nextMsn < msn)
      stream.addGap(others.map(({ window }) => window.find(stream.nextMsn)).find((found) => found))
  }
}
