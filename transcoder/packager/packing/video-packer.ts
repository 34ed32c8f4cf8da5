import type { Sample } from '../mp4/sample.ts'
import type { DescribedTrack } from '../mp4/track.ts'
import { type Cut, sameTimeMs } from './cut-list.ts'
import type { Packer, PackerOptions, Progress } from './packer.ts'
import { createPartBuilder } from './part-builder.ts'
import type { TimelineFollower } from './timeline.ts'

export interface VideoPackerOptions extends PackerOptions {
  /** Whether its frames make the cuts. */
  isLeading: boolean
  /** Maximum duration of a frame, ms. A longer one is a jump of the timestamps. */
  maxFrameMs: number
  /** Usual duration of a frame, ms. */
  frameMs: number
  /** Lag behind the source after which missing segments are published as gaps, ms. */
  maxLagMs: number
}

/**
 * Time for which a segment waits for its keyframe, in frames: an encoder that lost a frame makes it at the next
 * one.
 */
const keyframeWaitFrames = 3

/**
 * Cuts a video rendition along the timeline. Starts with the first keyframe at or after the floor. While the picture is frozen the last keyframe is repeated, because players
 * stand still without a picture.
 */
export class VideoPacker implements Packer {
  readonly #options: VideoPackerOptions
  readonly #cuts: TimelineFollower
  readonly #builder: ReturnType<typeof createPartBuilder>
  #timescale = 0
  /** `resuming`: there is a hole before the next frame, which must be a keyframe. */
  #state: 'starting' | 'running' | 'resuming' = 'starting'
  /** Composition offset of the newest keyframe, ticks. */
  #shift = 0
  /** End of a part inside the last frame, ms: the next frame is decoded from there on. */
  #carryMs: number | undefined
  #keyframe: Sample | undefined
  #endMs: number

  constructor(options: VideoPackerOptions) {
    const { timeline, stream, partTargetMs, floorMs } = options
    const cuts = timeline.follow()
    this.#options = options
    this.#cuts = cuts
    this.#endMs = floorMs
    this.#builder = createPartBuilder(partTargetMs, (part, arrivedAt) =>
      stream.addPart(part, cuts.endsSegmentAt(part.endMs), arrivedAt),
    )
  }

  /** End of the frames received so far, ms; the floor before the first. */
  get endMs(): number {
    return this.#endMs
  }

  setTrack(described: DescribedTrack): void {
    this.#timescale = described.track.timescale
    this.#options.stream.setTrack(described)
  }

  add(received: Sample, arrivedAt: number): void {
    if (this.#timescale === 0) return
    const sample = this.#align(received)
    const startMs = (sample.dts * 1000) / this.#timescale
    if (!this.#isNext(sample, startMs)) return
    this.#state = 'running'
    this.#append(sample, arrivedAt)
  }

  advance({ now, mediaMs, isPictureFrozen }: Progress): void {
    if (this.#state === 'starting') return
    if (isPictureFrozen) this.#repeatKeyframe(now, mediaMs)
    else this.#skip(mediaMs - this.#options.maxLagMs)
  }

  end(endMs: number): void {
    if (endMs < this.#endMs) this.#builder.trim(Math.round((endMs * this.#timescale) / 1000))
    this.#flush()
  }

  #flush() {
    this.#builder.flush(this.#timescale)
  }

  /** Whether a frame continues the media, or may begin it. */
  #isNext(sample: Sample, startMs: number): boolean {
    const { timeline, frameMs } = this.#options
    if (this.#state === 'running') {
      // The duration of the previous frame was an estimate.
      const isRepeated = startMs < this.#endMs - Math.max(frameMs, sameTimeMs)
      if (isRepeated) this.#state = 'resuming'
      return !isRepeated
    }
    const fromMs = Math.max(this.#endMs, timeline.startMs ?? Number.NEGATIVE_INFINITY)
    const toleranceMs = this.#state === 'starting' ? Math.max(frameMs, sameTimeMs) : sameTimeMs
    return sample.isSync && startMs >= fromMs - toleranceMs
  }

  #append(sample: Sample, arrivedAt: number) {
    const { timeline, maxFrameMs, frameMs, isLeading } = this.#options
    const toMs = 1000 / this.#timescale
    const startMs = sample.dts * toMs
    if (sample.duration * toMs > maxFrameMs) sample.duration = Math.round(frameMs / toMs)
    const endMs = startMs + sample.duration * toMs
    if (isLeading) timeline.observe({ startMs, endMs, isSync: sample.isSync })
    const begins = this.#takeCuts(startMs, sample.isSync)
    this.#builder.add(
      begins === 'segment' ? sample : this.#carried(sample, toMs),
      arrivedAt,
      maxFrameMs / toMs,
    )
    this.#carryMs = undefined
    this.#endMs = endMs
    if (sample.isSync) this.#keyframe = sample
    this.#endParts(sample, endMs, arrivedAt)
  }

  /** Ends parts and segments at all cuts up to a frame. Returns what the frame begins. */
  #takeCuts(startMs: number, isSync: boolean): Cut['kind'] | undefined {
    const waitMs = isSync ? 0 : keyframeWaitFrames * this.#options.frameMs
    const segments: Cut[] = []
    let begins: Cut['kind'] | undefined
    for (;;) {
      const next = this.#cuts.peek()
      if (next?.kind === 'segment' && next.isAtKeyframe && startMs < next.timeMs + waitMs - sameTimeMs) break
      const cut = this.#cuts.take(startMs)
      if (cut === undefined) break
      this.#flush()
      if (cut.kind === 'segment') segments.push(cut)
      begins = segments.length > 0 ? 'segment' : 'part'
    }
    // Segments before the last one have no frames.
    for (const [index, cut] of segments.entries())
      this.#options.openSegment(cut, index < segments.length - 1 ? cut.timeMs : startMs)
    return begins
  }

  /** Publishes the parts that end with this frame or inside it. */
  #endParts(sample: Sample, endMs: number, arrivedAt: number) {
    const toMs = 1000 / this.#timescale
    for (let cut = this.#cuts.take(endMs, 'part'); cut; cut = this.#cuts.take(endMs, 'part')) {
      const isInside = cut.timeMs < endMs - sameTimeMs
      if (isInside) this.#builder.trim(Math.round(cut.timeMs / toMs))
      this.#flush()
      if (!isInside) return
      this.#carryMs = cut.timeMs
      // A picture that lasts for more than a part is shown again in the next one.
      if (sample.isSync && endMs - cut.timeMs > this.#options.partTargetMs / 2)
        this.#showAgain(sample, cut.timeMs, endMs, arrivedAt)
    }
    if (this.#builder.isFull) this.#flush()
  }

  #showAgain(sample: Sample, fromMs: number, toMs: number, arrivedAt: number) {
    const [dts, end] = [fromMs, toMs].map((ms) => Math.round((ms * this.#timescale) / 1000)) as [number, number]
    this.#builder.add({ ...sample, dts, duration: end - dts, compositionOffset: 0 }, arrivedAt)
    this.#carryMs = undefined
  }

  /** Repeats the last keyframe up to half a part before the newest media: the picture may come back there. */
  #repeatKeyframe(now: number, mediaMs: number) {
    const keyframe = this.#keyframe
    if (keyframe === undefined) return
    const { timeline, partTargetMs } = this.#options
    const ticks = this.#timescale / 1000
    while (mediaMs - this.#endMs > 1.5 * partTargetMs) {
      this.#state = 'resuming'
      const dts = Math.round(this.#endMs * ticks)
      const duration = Math.round(partTargetMs * ticks)
      timeline.observe({ startMs: this.#endMs, endMs: this.#endMs + partTargetMs, isSync: true })
      this.#append({ ...keyframe, dts, duration, compositionOffset: 0 }, now)
    }
  }

  /** Gives up frames before `untilMs`: the segments that they belong to become gaps. */
  #skip(untilMs: number) {
    if (untilMs <= this.#endMs) return
    for (let cut = this.#cuts.take(untilMs); cut; cut = this.#cuts.take(untilMs)) {
      if (cut.kind === 'part') continue
      this.#flush()
      this.#options.openSegment(cut, cut.timeMs)
      this.#endMs = cut.timeMs
      this.#state = 'resuming'
    }
  }

  /** Decodes a frame earlier, where the part before it ended. It is shown at the same time. */
  #carried(sample: Sample, toMs: number): Sample {
    if (this.#carryMs === undefined) return sample
    const ahead = sample.dts - Math.round(this.#carryMs / toMs)
    if (ahead <= 0 || ahead * toMs > this.#options.maxFrameMs) return sample
    return {
      ...sample,
      dts: sample.dts - ahead,
      duration: sample.duration + ahead,
      compositionOffset: sample.compositionOffset + ahead,
    }
  }

  /**
   * Moves decode times so that a keyframe is decoded when it is shown. The segments of a source with
   * reordered frames then begin at the same time as those of the renditions encoded from it. Presentation
   * times are unchanged.
   */
  #align(sample: Sample): Sample {
    if (sample.isSync) this.#shift = sample.compositionOffset
    const shift = this.#shift
    if (shift === 0) return sample
    return { ...sample, dts: sample.dts + shift, compositionOffset: sample.compositionOffset - shift }
  }
}
