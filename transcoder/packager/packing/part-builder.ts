import { makeChunk } from '../mp4/chunk.ts'
import type { Track } from '../mp4/movie.ts'
import type { Sample } from '../mp4/sample.ts'
import type { Part } from '../window/segment.ts'
import { jitterMs } from './segment-plan.ts'

/**
 * Receives each part as soon as it is complete. `arrivedAt`: when its last byte arrived, `performance.now()`.
 */
export type OnPart = (part: Part, arrivedAt: number) => void

/** Collects the frames of the next part of one rendition. */
export function createPartBuilder(partTargetMs: number, onPart: OnPart) {
  let samples: Sample[] = []
  let ticks = 0
  let sequence = 0
  let lastArrival = 0

  return {
    add(sample: Sample, arrivedAt: number): void {
      samples.push(sample)
      ticks += sample.duration
      lastArrival = arrivedAt
    },

    /** Length of the collected frames, ticks. */
    get ticks() {
      return ticks
    },

    /** Completes the part. Does nothing if there are no frames. */
    flush(track: Track): void {
      const last = samples.at(-1)
      if (!last) return
      const toMs = 1000 / track.timescale
      const durationMs = ticks * toMs
      // Timestamps in whole ms do not make a part too long.
      const isJitter = durationMs > partTargetMs && durationMs <= partTargetMs + jitterMs
      const part: Part = {
        durationMs: isJitter ? partTargetMs : durationMs,
        // RFC 8216bis 4.4.4.9: "INDEPENDENT: The value is an enumerated-string whose value is YES if the
        // Partial Segment contains an independent frame."
        isIndependent: samples.some((sample) => sample.isSync),
        frames: samples.length,
        data: makeChunk(track, ++sequence, samples),
        endMs: (last.dts + last.duration) * toMs,
      }
      samples = []
      ticks = 0
      onPart(part, lastArrival)
    },
  }
}
