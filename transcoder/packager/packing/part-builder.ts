import { makeChunk } from '../mp4/chunk.ts'
import type { Sample } from '../mp4/sample.ts'
import type { Part } from '../window/segment.ts'
import { jitterMs } from './segment-plan.ts'

/**
 * Receives each part as soon as it is complete. `arrivedAt`: when its last byte arrived, `performance.now()`.
 */
export type OnPart = (part: Part, arrivedAt: number) => void

/** Maximum size of a part, bytes and frames. One that is larger is published early. */
const [maxPartBytes, maxPartFrames] = [16 * 1024 * 1024, 1000]

/** Collects the frames of the next part of one rendition. */
export function createPartBuilder(partTargetMs: number, onPart: OnPart) {
  let samples: Sample[] = []
  let ticks = 0
  let bytes = 0
  let sequence = 0
  let lastArrival = 0

  return {
    /** Adds a frame. The frame before it lasts until this one, if its duration was an estimate. */
    add(sample: Sample, arrivedAt: number, maxFrameTicks = 0): void {
      const previous = samples.at(-1)
      const distance = previous ? sample.dts - previous.dts : 0
      if (previous && distance > 0 && distance <= maxFrameTicks) {
        ticks += distance - previous.duration
        previous.duration = distance
      }
      samples.push(sample)
      ticks += sample.duration
      bytes += sample.data.length
      lastArrival = arrivedAt
    },

    /** Length of the collected frames, ticks. */
    get ticks() {
      return ticks
    },

    /** Start of the first collected frame, ticks; undefined when there is none. */
    get startTicks() {
      return samples[0]?.dts
    },

    /** Whether the part must be published, whatever its length. */
    get isFull() {
      return bytes > maxPartBytes || samples.length > maxPartFrames
    },

    /** Ends the last frame at `endTicks`, because the next part begins there. */
    endAt(endTicks: number): void {
      const last = samples.at(-1)
      if (last === undefined || endTicks <= last.dts) return
      ticks += endTicks - last.dts - last.duration
      last.duration = endTicks - last.dts
    },

    /**
     * Completes the part. Does nothing if there are no frames. `fromMs`: end of the part before it, from
     * which its duration counts; by default its own first frame.
     */
    flush(timescale: number, fromMs?: number): void {
      const last = samples.at(-1)
      if (!last) return
      const toMs = 1000 / timescale
      const endMs = (last.dts + last.duration) * toMs
      const durationMs = fromMs === undefined ? ticks * toMs : endMs - fromMs
      // Timestamps in whole ms do not make a part too long.
      const isJitter = durationMs > partTargetMs && durationMs <= partTargetMs + jitterMs
      const part: Part = {
        durationMs: isJitter ? partTargetMs : durationMs,
        // RFC 8216bis 4.4.4.9: "INDEPENDENT: The value is an enumerated-string whose value is YES if the
        // Partial Segment contains an independent frame."
        isIndependent: samples.some((sample) => sample.isSync),
        frames: samples.length,
        data: makeChunk(++sequence, samples),
        endMs,
      }
      samples = []
      ticks = 0
      bytes = 0
      onPart(part, lastArrival)
    },
  }
}
