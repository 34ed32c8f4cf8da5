import type { AudioTrack } from '../mp4/track.ts'
import type { ArrivedSample } from './audio-frames.ts'
import { type Cut, sameTimeMs } from './cut-list.ts'
import type { PackerOptions } from './packer.ts'
import { createPartBuilder } from './part-builder.ts'
import { audioOverrunMs } from './segment-plan.ts'

/** Maximum time by which a cut may be after the start of a frame and still count as before the frame, ms. */
const cutToleranceMs = 0.5

/** Maximum rounding error of sums of frame lengths, ms. */
const roundingMs = 0.01

export interface AudioCutterOptions extends Omit<PackerOptions, 'floorMs'> {
  /** Whether the cuts come from audio, because there is no video. */
  isLeading: boolean
}

/**
 * Collects frames of audio into parts. At each segment cut of the timeline, a new segment begins with the
 * first frame at or after the cut.
 */
export function createAudioCutter(options: AudioCutterOptions) {
  const { timeline, stream, openSegment, partTargetMs, maxSegmentMs, isLeading } = options
  const cuts = timeline.follow()
  const builder = createPartBuilder(partTargetMs, (part, arrivedAt, endsSegment) =>
    stream.addPart(part, endsSegment || cuts.endsSegmentAt(part.endMs), arrivedAt),
  )
  let segmentFromMs = Number.POSITIVE_INFINITY
  const takeCut = (startMs: number) => cuts.take(startMs + cutToleranceMs - sameTimeMs)

  return {
    add({ sample, arrivedAt }: ArrivedSample, track: AudioTrack): void {
      const toMs = 1000 / track.timescale
      const startMs = sample.dts * toMs
      if (isLeading) timeline.observe({ startMs, endMs: startMs + sample.duration * toMs, isSync: true })
      if (isInJump(cuts.peek(), startMs)) return
      for (let cut = takeCut(startMs); cut; cut = takeCut(startMs)) {
        if (cut.kind !== 'segment') continue
        builder.flush(track.timescale, undefined, true)
        openSegment(cut, startMs)
        segmentFromMs = startMs
      }
      // No cut has ended the segment in time. The segment must not become longer, so the frame is dropped.
      if (startMs + sample.duration * toMs - segmentFromMs > maxSegmentMs + audioOverrunMs) return
      builder.add(sample, arrivedAt)
      const isComplete = (builder.ticks + sample.duration) * toMs > partTargetMs + roundingMs
      if (isComplete || builder.isFull) builder.flush(track.timescale)
    },

    /** Publishes the collected frames as a part, however short it is. */
    flush: ({ timescale }: AudioTrack): void => builder.flush(timescale),
  }
}

/** Whether a frame starts inside a jump of the timestamps, where there is no video. */
const isInJump = (cut: Cut | undefined, startMs: number) =>
  cut?.isJump === true && startMs >= cut.afterMs - cutToleranceMs && startMs < cut.timeMs - cutToleranceMs
