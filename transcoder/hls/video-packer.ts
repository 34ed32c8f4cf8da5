import type { Track } from './mp4/movie.ts'
import type { Sample } from './mp4/sample.ts'
import type { Packer, PackerOutput } from './packer.ts'
import { createPartBuilder } from './part-builder.ts'
import { type Cut, sameTimeMs, type Timeline } from './timeline.ts'

export interface VideoPackerOptions {
  timeline: Timeline
  output: PackerOutput
  partTargetMs: number
  /** Media before this time is already published, ms; -Infinity for none. */
  floorMs: number
  /** A frame never lasts longer, ms: more is a jump of the timestamps. */
  maxFrameMs: number
  /** Usual duration of a frame, ms. */
  frameMs: number
}

/** Cuts a video rendition along the timeline, which it may lead. Starts at the first keyframe at or after the floor. */
export function createVideoPacker(options: VideoPackerOptions): Packer {
  const { timeline, output, floorMs, maxFrameMs, frameMs } = options
  const cuts = timeline.follow()
  const builder = createPartBuilder(options.partTargetMs, (part, arrivedAt) =>
    output.addPart(part, arrivedAt, cuts.endsSegmentAt(part.endMs)),
  )
  let track: Track | undefined
  let state: 'waiting' | 'running' = 'waiting'
  let shift = 0

  function apply(cut: Cut, startMs: number) {
    if (track) builder.flush(track)
    if (cut.kind === 'segment') output.beginSegment(cut, startMs)
  }

  /**
   * Moves decode times so that a keyframe is decoded when it is shown. Where a source has reordered frames, its segments then begin at the
   * same time as those of the renditions encoded from it; presentation times stay as they are.
   */
  function align(sample: Sample): Sample {
    if (sample.isSync) shift = sample.compositionOffset
    if (shift === 0) return sample
    return { ...sample, dts: sample.dts + shift, compositionOffset: sample.compositionOffset - shift }
  }

  return {
    onTrack(newTrack, init) {
      track = newTrack
      output.setTrack(newTrack, init)
    },

    onSample(raw, arrivedAt) {
      if (!track) return
      const toMs = 1000 / track.timescale
      const sample = align(raw)
      const startMs = sample.dts * toMs
      if (state === 'waiting') {
        if (!sample.isSync || startMs < Math.max(floorMs, timeline.startMs ?? floorMs) - sameTimeMs) return
        state = 'running'
      }
      const isJump = sample.duration * toMs > maxFrameMs
      if (isJump) sample.duration = Math.round(frameMs / toMs)
      const endMs = startMs + sample.duration * toMs
      timeline.observe({ startMs, endMs, isSync: sample.isSync })
      for (let cut = cuts.take(startMs); cut; cut = cuts.take(startMs)) apply(cut, startMs)
      builder.add(sample, arrivedAt)
      const cut = cuts.take(endMs, 'part')
      if (cut) apply(cut, endMs)
    },

    advance() {},

    end() {
      if (track) builder.flush(track)
    },
  }
}
