import type { Track } from '../mp4/movie.ts'
import type { Sample } from '../mp4/sample.ts'
import { type Cut, sameTimeMs } from './cut-list.ts'
import type { Packer, PackerOptions } from './packer.ts'
import { createPartBuilder } from './part-builder.ts'
import type { TimelineFollower } from './timeline.ts'

export interface VideoPackerOptions extends PackerOptions {
  /** Maximum duration of a frame, ms. A longer one is a jump of the timestamps. */
  maxFrameMs: number
  /** Usual duration of a frame, ms. */
  frameMs: number
}

/** Time without a frame after which the picture counts as frozen, ms, if other media goes on. */
const frozenMs = 1000

/**
 * Cuts a video rendition along the timeline, which it leads when it is the first. Starts with the first
 * keyframe at or after the floor. While the picture is frozen and other media goes on, the last keyframe is
 * repeated, because players stand still without a picture.
 */
export class VideoPacker implements Packer {
  readonly #options: VideoPackerOptions
  readonly #cuts: TimelineFollower
  readonly #builder: ReturnType<typeof createPartBuilder>
  #track: Track | undefined
  /** `frozen`: repeats the last keyframe and continues with the next one. */
  #state: 'waiting' | 'running' | 'frozen' = 'waiting'
  /** Composition offset of the newest keyframe, ticks. */
  #shift = 0
  /** End of a part inside the last frame, ms: the next frame is decoded from there on. */
  #carryMs: number | undefined
  #keyframe: Sample | undefined
  #endMs: number
  #lastArrival = performance.now()

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

  onTrack(track: Track, init: Buffer): void {
    this.#track = track
    this.#options.stream.setTrack(track, init)
  }

  onSample(received: Sample, arrivedAt: number): void {
    const track = this.#track
    if (!track) return
    this.#lastArrival = arrivedAt
    const sample = this.#align(received)
    const startMs = (sample.dts * 1000) / track.timescale
    if (this.#state !== 'running') {
      const fromMs = Math.max(this.#endMs, this.#options.timeline.startMs ?? this.#endMs)
      if (!sample.isSync || startMs < fromMs - sameTimeMs) return
      this.#state = 'running'
    }
    this.#add(sample, track, arrivedAt)
  }

  advance(now: number, mediaMs: number): void {
    const [track, keyframe] = [this.#track, this.#keyframe]
    if (!track || !keyframe || now - this.#lastArrival < frozenMs) return
    const { partTargetMs } = this.#options
    const ticks = track.timescale / 1000
    // Half a part of distance, so that a picture that comes back in time is not in front of its repetition.
    while (mediaMs - this.#endMs > 1.5 * partTargetMs) {
      this.#state = 'frozen'
      const dts = Math.round(this.#endMs * ticks)
      const duration = Math.round(partTargetMs * ticks)
      this.#add({ ...keyframe, dts, duration, compositionOffset: 0 }, track, now)
    }
  }

  end(): void {
    if (this.#track) this.#builder.flush(this.#track)
  }

  #add(sample: Sample, track: Track, arrivedAt: number) {
    const { timeline, maxFrameMs, frameMs } = this.#options
    const toMs = 1000 / track.timescale
    const startMs = sample.dts * toMs
    if (sample.duration * toMs > maxFrameMs) sample.duration = Math.round(frameMs / toMs)
    const endMs = startMs + sample.duration * toMs
    timeline.observe({ startMs, endMs, isSync: sample.isSync })
    let begins: Cut['kind'] | undefined
    for (let cut = this.#cuts.take(startMs); cut; cut = this.#cuts.take(startMs)) {
      this.#builder.flush(track)
      if (cut.kind === 'segment') this.#options.openSegment(cut, startMs)
      if (begins !== 'segment') begins = cut.kind
    }
    this.#builder.add(begins === 'segment' ? sample : this.#carried(sample, toMs), arrivedAt, maxFrameMs / toMs)
    this.#carryMs = undefined
    this.#endMs = endMs
    if (sample.isSync) this.#keyframe = sample
    this.#endParts(sample, endMs, track, arrivedAt)
  }

  /** Publishes the parts that end with this frame or inside it. */
  #endParts(sample: Sample, endMs: number, track: Track, arrivedAt: number) {
    const toMs = 1000 / track.timescale
    for (let cut = this.#cuts.take(endMs, 'part'); cut; cut = this.#cuts.take(endMs, 'part')) {
      const isInside = cut.timeMs < endMs - sameTimeMs
      const cutTicks = Math.round(cut.timeMs / toMs)
      if (isInside) this.#builder.trim(cutTicks)
      this.#builder.flush(track)
      if (!isInside) return
      this.#carryMs = cut.timeMs
      // A picture that lasts for more than a part is shown again in the next one.
      if (sample.isSync && endMs - cut.timeMs > this.#options.frameMs / 2) this.#repeat(sample, cutTicks, endMs, toMs, arrivedAt)
    }
    if (this.#builder.isFull) this.#builder.flush(track)
  }

  #repeat(sample: Sample, dts: number, endMs: number, toMs: number, arrivedAt: number) {
    const isLong = endMs - dts * toMs > this.#options.partTargetMs / 2
    if (!isLong) return
    this.#builder.add({ ...sample, dts, duration: Math.round(endMs / toMs) - dts, compositionOffset: 0 }, arrivedAt)
    this.#carryMs = undefined
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
