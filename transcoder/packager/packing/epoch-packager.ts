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

export interface EpochOptions {
  /** Number in media paths, larger than those of all earlier epochs. */
  epoch: number
  /**
   * Source of the cuts: the frames of the named video rendition, the frames passed to `observe`, or the audio
   * where there is no video.
   */
  leader: { rendition: string } | 'observed' | 'audio'
  /** Names of the audio renditions that get silence, because the source has no sound. */
  silent?: readonly string[]
  /** Usual length of a frame of the leader, ms. If it is not a positive number, a common length is used. */
  frameMs: number
  /** Length of the longest GOP to expect, ms; undefined when unknown. */
  gopMs?: number | undefined
  /** Called once for a rendition whose media cannot be packed. That rendition ends; the others continue. */
  onFailure?: (rendition: string, error: Error) => void
}

/**
 * Input for the media of one epoch. A rendition takes part from `join` to `end`; at other times, calls that
 * add to it have no effect. Media that the previous epoch already published is dropped.
 */
export type EpochSink = Pick<
  EpochPackager,
  'epoch' | 'join' | 'setTrack' | 'add' | 'observe' | 'advance' | 'receivedMs' | 'end' | 'endAll'
>

/** A frame that the encoders make, predicted from the source before it exists. */
export interface ObservedFrame {
  startMs: number
  isSync: boolean
}

/** State of the presentation that an epoch needs. */
export interface EpochContext {
  streams: ReadonlyMap<string, RenditionStream>
  clock: ProgramClock
  plan: SegmentPlan
  partTargetMs: number
  frameMs: number
  /** Returns the media sequence number of the first segment. Called when that segment begins. */
  firstMsn: () => number
  /**
   * Whether viewers may know segments before the first one of this epoch. That first one then begins with a
   * discontinuity.
   */
  isContinuation: boolean
}

/** Lag of video behind the source after which segments without frames become gaps, in target durations. */
const maxLagTargets = 3

/**
 * Packages one epoch into a presentation. Each rendition has a packer, and all packers follow the same cuts.
 */
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

  /** Media sequence number of the newest segment; undefined before the first segment. */
  get lastMsn(): number | undefined {
    return this.#timeline.lastMsn
  }

  /** Begins a rendition, which must have ended in the previous epoch. */
  join(rendition: string): void {
    const stream = this.#context.streams.get(rendition)
    if (stream === undefined || this.#packers.has(rendition)) return
    stream.beginEpoch(this.epoch)
    this.#packers.set(rendition, this.#newPacker(stream))
  }

  /** Sets the track of a rendition. Must be called before the first sample. */
  setTrack(rendition: string, track: DescribedTrack): void {
    this.#call(rendition, (packer) => packer.setTrack(track))
  }

  /**
   * Adds the next sample of a rendition in decode order. Its data must stay unchanged until it is copied,
   * when the part is complete.
   */
  add(rendition: string, sample: Sample): void {
    const now = performance.now()
    this.#call(rendition, (packer) => packer.add(sample, now))
    if (this.#isLeader(rendition)) this.#followVideo(now)
  }

  /**
   * Adds the next frame in presentation order. It has no effect unless the cuts come from observed frames.
   */
  observe({ startMs, isSync }: ObservedFrame): void {
    if (this.#options.leader !== 'observed') return
    this.#timeline.observe({ startMs, endMs: startMs + this.#frameLength(startMs), isSync })
    this.#followVideo(performance.now())
  }

  /** Lets all packers do what depends on time: repeat a frozen picture, add silence, give up late media. */
  advance(progress: Progress): void {
    for (const rendition of this.#packers.keys()) this.#call(rendition, (packer) => packer.advance(progress))
  }

  /**
   * Returns the time up to which a rendition has received media, in this epoch or an earlier one, ms;
   * undefined before its first frame.
   */
  receivedMs(rendition: string): number | undefined {
    const endMs = this.#packers.get(rendition)?.endMs ?? this.#context.streams.get(rendition)?.endMs
    return endMs !== undefined && Number.isFinite(endMs) ? endMs : undefined
  }

  /**
   * Ends a rendition, and publishes the frames that were held back. A last frame of video that lasts beyond
   * `endMs` is shortened.
   */
  end(rendition: string, endMs = Number.POSITIVE_INFINITY): void {
    this.#call(rendition, (packer) => packer.end(endMs))
    if (this.#packers.delete(rendition)) this.#context.streams.get(rendition)?.closeSegment()
  }

  endAll(): void {
    for (const rendition of [...this.#packers.keys()]) this.end(rendition)
    const { lastMsn } = this
    if (lastMsn === undefined) return
    for (const stream of this.#context.streams.values())
      if (!stream.isDropped) this.#fillGaps(stream, lastMsn + 1)
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
    const { clock, isContinuation, plan } = this.#context
    const openMs = stream.open?.startMs ?? startMs
    // After a hole of many frames, the segment before it would last too long if it ended at the next frame.
    const beginMs = Math.round((startMs - openMs) / 1000) > plan.targetDuration ? cut.timeMs : startMs
    stream.closeSegment((cut.isJump ? cut.afterMs : beginMs) - openMs)
    this.#fillGaps(stream, cut.msn)
    this.#firstMsn ??= cut.msn
    stream.openSegment({
      msn: cut.msn,
      epoch: this.epoch,
      startMs: beginMs,
      date: clock.dateOf(beginMs),
      // A change of encoding parameters or timestamps must be announced (RFC 8216bis 6.2.1).
      hasDiscontinuity: cut.isJump || (cut.msn === this.#firstMsn && isContinuation),
    })
  }

  /** Calls the packer of a rendition. When that throws, the rendition ends without what it had held back. */
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

  /** Lets audio continue up to the time that the video has reached. */
  #followVideo(now: number) {
    for (const [name, packer] of this.#packers)
      if (packer instanceof AudioPacker) this.#call(name, () => packer.progress(now))
  }

  /**
   * Publishes a gap for each segment before `msn` that a rendition lacks, so that media sequence numbers stay
   * equal in all renditions. Has no effect before the first media of the rendition.
   */
  #fillGaps(stream: RenditionStream, msn: number) {
    if (stream.open || !stream.hasBegun) return
    const others = [...this.#context.streams.values()]
    while (stream.nextMsn < msn)
      stream.addGap(others.map(({ window }) => window.find(stream.nextMsn)).find((found) => found))
  }
}
