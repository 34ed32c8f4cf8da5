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

/**
 * Cuts a video rendition along the timeline, which it leads when it is the first. Starts with the first
 * keyframe at or after the floor.
 */
export class VideoPacker implements Packer {
  readonly #options: VideoPackerOptions
  readonly #cuts: TimelineFollower
  readonly #builder: ReturnType<typeof createPartBuilder>
  #track: Track | undefined
  #state: 'waiting' | 'running' = 'waiting'
  /** Composition offset of the newest keyframe, ticks. */
  #shift = 0

  constructor(options: VideoPackerOptions) {
    const { timeline, stream, partTargetMs } = options
    const cuts = timeline.follow()
    this.#options = options
    this.#cuts = cuts
    this.#builder = createPartBuilder(partTargetMs, (part, arrivedAt) =>
      stream.addPart(part, cuts.endsSegmentAt(part.endMs), arrivedAt),
    )
  }

  onTrack(track: Track, init: Buffer): void {
    this.#track = track
    this.#options.stream.setTrack(track, init)
  }

  onSample(decoded: Sample, arrivedAt: number): void {
    const track = this.#track
    if (!track) return
    const { timeline, floorMs, maxFrameMs, frameMs } = this.#options
    const toMs = 1000 / track.timescale
    const sample = this.#align(decoded)
    const startMs = sample.dts * toMs
    if (this.#state === 'waiting') {
      if (!sample.isSync || startMs < Math.max(floorMs, timeline.startMs ?? floorMs) - sameTimeMs) return
      this.#state = 'running'
    }
    const isJump = sample.duration * toMs > maxFrameMs
    if (isJump) sample.duration = Math.round(frameMs / toMs)
    const endMs = startMs + sample.duration * toMs
    timeline.observe({ startMs, endMs, isSync: sample.isSync })
    for (let cut = this.#cuts.take(startMs); cut; cut = this.#cuts.take(startMs))
      this.#apply(cut, startMs, track)
    this.#builder.add(sample, arrivedAt)
    const cut = this.#cuts.take(endMs, 'part')
    if (cut) this.#apply(cut, endMs, track)
  }

  advance(): void {}

  end(): void {
    if (this.#track) this.#builder.flush(this.#track)
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

  #apply(cut: Cut, startMs: number, track: Track) {
    this.#builder.flush(track)
    if (cut.kind === 'segment') this.#options.openSegment(cut, startMs)
  }
}
