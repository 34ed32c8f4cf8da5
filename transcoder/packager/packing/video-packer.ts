import type { Sample } from '../mp4/sample.ts'
import type { DescribedTrack } from '../mp4/track.ts'
import { type Cut, sameTimeMs } from './cut-list.ts'
import { atCut, carriedTo, DecodeTimes } from './decode-times.ts'
import { createFrameLength } from './frame-length.ts'
import { copyLengthMs, frozenUntilMs } from './frozen-picture.ts'
import type { Packer, Progress, VideoPackerOptions } from './packer.ts'
import { createPartBuilder } from './part-builder.ts'
import { jitterMs } from './segment-plan.ts'
import type { TimelineFollower } from './timeline.ts'

/** Number of frames for which a segment waits for its keyframe, because an encoder may have lost a frame. */
const keyframeWaitFrames = 3

/**
 * Packs a video rendition at the cuts of the timeline, beginning with the first keyframe at or after
 * `floorMs`. While the picture is frozen, repeats the last keyframe, because players stop without new frames.
 */
export class VideoPacker implements Packer {
  readonly #options: VideoPackerOptions
  readonly #cuts: TimelineFollower
  readonly #builder: ReturnType<typeof createPartBuilder>
  readonly #frameLength: (startMs: number) => number
  readonly #decodeTimes = new DecodeTimes()
  #timescale = 0
  /** Unless `running`, the next frame must be a keyframe. `frozen`: the last keyframe is being repeated. */
  #state: 'starting' | 'running' | 'resuming' | 'frozen' = 'starting'
  /** Cut at which the present part begins or, before its first frame, will begin. */
  #partCut: Cut | undefined
  /** End of the previous part, ms, which may be inside a frame. The length of a part counts from it. */
  #partFromMs = Number.NEGATIVE_INFINITY
  #segmentFromMs = 0
  #keyframe: Sample | undefined
  /** Start and end of the newest frame, ms. The end is an estimate. */
  #startMs = Number.NEGATIVE_INFINITY
  #endMs: number

  constructor(options: VideoPackerOptions) {
    const { timeline, stream, partTargetMs, floorMs, frameMs } = options
    const cuts = timeline.follow()
    this.#options = options
    this.#cuts = cuts
    this.#endMs = floorMs
    this.#frameLength = createFrameLength(frameMs)
    this.#builder = createPartBuilder(partTargetMs, (part, arrivedAt, endsSegment) => {
      this.#partFromMs = part.endMs
      stream.addPart(part, endsSegment || cuts.endsSegmentAt(part.endMs), arrivedAt)
    })
  }

  /** Time up to which frames have been received, ms; `floorMs` before the first frame. */
  get endMs(): number {
    return this.#endMs
  }

  setTrack(described: DescribedTrack): void {
    this.#timescale = described.track.timescale
    this.#options.stream.setTrack(described)
  }

  add(received: Sample, arrivedAt: number): void {
    if (this.#timescale === 0) return
    const sample = this.#decodeTimes.align(received)
    const startMs = (sample.dts * 1000) / this.#timescale
    if (!this.#isNext(sample, startMs)) return
    this.#fillHole(sample, startMs, arrivedAt)
    this.#state = 'running'
    const duration = Math.round((this.#frameLength(startMs) * this.#timescale) / 1000)
    this.#append({ ...sample, duration }, arrivedAt)
  }

  advance({ now, mediaMs, isPictureFrozen }: Progress): void {
    if (this.#state === 'starting') return
    const isFrozen = isPictureFrozen || this.#state === 'frozen'
    if (isFrozen) this.#repeatKeyframe(now, frozenUntilMs(mediaMs, this.#options))
    else this.#skip(mediaMs - this.#options.maxLagMs)
  }

  end(endMs: number): void {
    const { timeline } = this.#options
    if (endMs < this.#endMs) this.#builder.endAt(Math.round((endMs * this.#timescale) / 1000))
    // An encoder may lose its last frames. Without a picture there, players would wait for them.
    else this.#repeatKeyframe(performance.now(), Math.min(endMs, timeline.progressMs), true)
    this.#flush()
  }

  /** Publishes the collected frames as a part. `endsSegment`: whether its segment is known to end with it. */
  #flush(endsSegment = false) {
    this.#builder.flush(this.#timescale, this.#partFromMs, endsSegment)
  }

  /** Whether a frame can continue the media, or begin it. */
  #isNext(sample: Sample, startMs: number): boolean {
    const { timeline, frameMs, isLeading } = this.#options
    // Cuts are unknown where the leading video has no frames yet, so a frame there cannot be packed.
    const isAhead = !isLeading && startMs > timeline.progressMs + frameMs
    if (this.#state === 'running') {
      const isUseless = startMs <= this.#startMs || isAhead
      if (isUseless) this.#state = 'resuming'
      return !isUseless
    }
    if (isAhead) return false
    const fromMs = Math.max(this.#endMs, timeline.startMs ?? Number.NEGATIVE_INFINITY)
    const toleranceMs = this.#state === 'starting' ? Math.max(frameMs, sameTimeMs) : sameTimeMs
    return sample.isSync && startMs >= fromMs - toleranceMs
  }

  #append(sample: Sample, arrivedAt: number, isRepeated = false) {
    const { timeline, maxSegmentMs, isLeading } = this.#options
    const toMs = 1000 / this.#timescale
    const startMs = sample.dts * toMs
    const endMs = startMs + sample.duration * toMs
    // The distance of repeated keyframes is not a GOP length, so they do not count as keyframes.
    if (isLeading || isRepeated) timeline.observe({ startMs, endMs, isSync: sample.isSync && !isRepeated })
    const begins = this.#takeCuts(startMs, sample.isSync)
    const isNewPart = this.#builder.startTicks === undefined
    if (isNewPart && startMs - this.#partFromMs > maxSegmentMs) this.#partFromMs = startMs
    const carry = { fromMs: this.#partFromMs, maxMs: maxSegmentMs, timescale: this.#timescale }
    const carried = begins !== 'segment' && isNewPart ? carriedTo(sample, carry) : sample
    this.#builder.add(isNewPart ? atCut(carried, this.#partCut) : sample, arrivedAt, maxSegmentMs / toMs)
    this.#startMs = startMs
    this.#endMs = endMs
    if (sample.isSync) this.#keyframe = sample
    this.#endParts(sample, endMs, arrivedAt)
  }

  /**
   * Ends parts and segments at the cuts up to the start of a frame. A segment waits a few frames for its
   * keyframe. Returns the kind of the cuts, `segment` if there are both kinds; undefined if there is none.
   */
  #takeCuts(startMs: number, isSync: boolean): Cut['kind'] | undefined {
    const { frameMs, maxSegmentMs } = this.#options
    const isFull = startMs + frameMs - this.#segmentFromMs > maxSegmentMs
    const waitMs = isSync || isFull ? 0 : keyframeWaitFrames * frameMs
    const segments: Cut[] = []
    let begins: Cut['kind'] | undefined
    for (;;) {
      const next = this.#cuts.peek()
      if (next?.kind === 'segment' && next.isAtKeyframe && startMs < next.timeMs + waitMs - sameTimeMs) break
      if (next?.kind === 'part' && begins === undefined && this.#isEmpty(next.timeMs, startMs)) break
      const cut = this.#cuts.take(startMs)
      if (cut === undefined) break
      this.#partCut = cut
      this.#endAt(cut)
      // No frame of the segment is left if the next one comes at or after the end of the segment.
      this.#flush(cut.kind === 'segment' || this.#cuts.endsSegmentAt(startMs))
      if (cut.kind === 'segment') segments.push(cut)
      begins = segments.length > 0 ? 'segment' : 'part'
    }
    // All of these segments but the last have no frames, so they begin and end at the cuts themselves.
    for (const [index, cut] of segments.entries())
      this.#options.openSegment(cut, index < segments.length - 1 ? cut.timeMs : startMs)
    if (begins === 'segment') {
      this.#segmentFromMs = startMs
      this.#partFromMs = startMs
    }
    return begins
  }

  /**
   * Whether the part up to `cutMs` has no frame, because of a hole that ends there. It then begins with the
   * frame at `startMs`.
   */
  #isEmpty(cutMs: number, startMs: number): boolean {
    if (this.#builder.startTicks !== undefined || startMs > cutMs + sameTimeMs) return false
    return cutMs - this.#partFromMs > sameTimeMs
  }

  /** Makes the last frame end at a cut, unless it would become longer than a segment. */
  #endAt({ kind, timeMs }: Cut) {
    // The start of a segment corrects a small error of the segment before it.
    if (kind === 'segment' && timeMs - this.#endMs <= sameTimeMs) return
    if (timeMs - this.#startMs > this.#options.maxSegmentMs) return
    this.#builder.endAt(Math.round((timeMs * this.#timescale) / 1000))
  }

  /** Publishes the parts that end with this frame or inside it. */
  #endParts(sample: Sample, endMs: number, arrivedAt: number) {
    const toMs = 1000 / this.#timescale
    for (let cut = this.#cuts.take(endMs, 'part'); cut; cut = this.#cuts.take(endMs, 'part')) {
      this.#partCut = cut
      this.#builder.endAt(Math.round(cut.timeMs / toMs))
      this.#flush()
      if (cut.timeMs >= endMs - sameTimeMs) return
      // If a keyframe lasts for more than half of the next part, that part contains the keyframe again.
      if (sample.isSync && endMs - cut.timeMs > this.#options.partTargetMs / 2)
        this.#showAgain(sample, cut.timeMs, endMs, arrivedAt)
    }
    if (this.#builder.isFull) this.#flush()
  }

  #showAgain(sample: Sample, fromMs: number, toMs: number, arrivedAt: number) {
    const ticks = (ms: number) => Math.round((ms * this.#timescale) / 1000)
    const dts = ticks(fromMs)
    this.#builder.add({ ...sample, dts, duration: ticks(toMs) - dts, compositionOffset: 0 }, arrivedAt)
  }

  /**
   * Fills a hole with copies of a keyframe: after a frozen picture, where the publisher dropped frames, and
   * where an encoder lost some. It copies the newest frame or, if that is not a keyframe, `next`. If neither
   * is one, the hole stays, as do short holes and those longer than a segment.
   */
  #fillHole(next: Sample, startMs: number, arrivedAt: number) {
    const { timeline, partTargetMs, maxSegmentMs, isLeading } = this.#options
    if (this.#state === 'starting') this.#endMs = Math.max(this.#endMs, timeline.startMs ?? startMs)
    const holeMs = startMs - this.#endMs
    if (holeMs <= sameTimeMs || holeMs > maxSegmentMs) return
    const isFrozen = this.#state === 'frozen'
    const cutMs = isLeading ? timeline.partEndMs : (this.#cuts.peek()?.timeMs ?? startMs)
    if (!isFrozen && (holeMs <= partTargetMs / 2 || startMs <= cutMs + jitterMs)) return
    const isOld = !isFrozen && this.#keyframe?.dts !== Math.round((this.#startMs * this.#timescale) / 1000)
    if (isOld && !next.isSync) return
    if (isOld) this.#keyframe = next
    this.#repeatKeyframe(arrivedAt, startMs, true)
  }

  /** Repeats the newest keyframe in whole parts up to `untilMs`; with `isExact` a shorter part ends there. */
  #repeatKeyframe(now: number, untilMs: number, isExact = false) {
    const keyframe = this.#keyframe
    if (keyframe === undefined) return
    const { timeline, partTargetMs } = this.#options
    const ticks = this.#timescale / 1000
    for (;;) {
      const place = { fromMs: this.#endMs, next: this.#cuts.peek(), partEndMs: timeline.partEndMs }
      const lengthMs = copyLengthMs({ ...place, untilMs, partTargetMs, isExact })
      if (lengthMs === undefined) return
      this.#state = 'frozen'
      const dts = Math.round(this.#endMs * ticks)
      const duration = Math.round(lengthMs * ticks)
      this.#append({ ...keyframe, dts, duration, compositionOffset: 0 }, now, true)
      this.#flush()
    }
  }

  /** Stops waiting for frames before `untilMs`. Segments without any frame become gaps. */
  #skip(untilMs: number) {
    if (untilMs <= this.#endMs) return
    for (let cut = this.#cuts.take(untilMs); cut; cut = this.#cuts.take(untilMs)) {
      if (cut.kind === 'part') continue
      this.#flush(true)
      this.#options.openSegment(cut, cut.timeMs)
      this.#segmentFromMs = cut.timeMs
      this.#partFromMs = cut.timeMs
      this.#endMs = cut.timeMs
      this.#state = 'resuming'
    }
  }
}
