import { makeChunk } from '../mp4/chunk.ts'
import type { Sample } from '../mp4/sample.ts'
import type { Part } from '../window/segment.ts'
import { sameTimeMs } from './cut-list.ts'

/**
 * Receives each part when it is complete. `arrivedAt`: when its last frame arrived, ms of
 * `performance.now()`. `endsSegment`: whether this part is known to be the last of its segment.
 */
export type OnPart = (part: Part, arrivedAt: number, endsSegment: boolean) => void

/** Size above which a part ends early, in bytes and in frames. */
const [maxPartBytes, maxPartFrames] = [16 * 1024 * 1024, 1000]

/** Collects the frames of one rendition until `flush` makes a part of them. */
export function createPartBuilder(partTargetMs: number, onPart: OnPart) {
  let samples: Sample[] = []
  let ticks = 0
  let bytes = 0
  let sequence = 0
  let lastArrival = 0

  return {
    /**
     * Adds a frame. The previous frame is made to end where this one starts, if they start at most
     * `maxFrameTicks` apart; by default the previous frame keeps its length.
     */
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

    /** Length of all collected frames, ticks. */
    get ticks() {
      return ticks
    },

    /** Start of the first collected frame, ticks; undefined when there is none. */
    get startTicks() {
      return samples[0]?.dts
    },

    /** Whether the part exceeds its maximum size and must end, however short it is. */
    get isFull() {
      return bytes > maxPartBytes || samples.length > maxPartFrames
    },

    /** Makes the last frame end at `endTicks`. Has no effect if that is not after the start of the frame. */
    endAt(endTicks: number): void {
      const last = samples.at(-1)
      if (last === undefined || endTicks <= last.dts) return
      ticks += endTicks - last.dts - last.duration
      last.duration = endTicks - last.dts
    },

    /**
     * Completes the part; does nothing without frames. `fromMs`: end of the previous part, from which the
     * length of this one counts; by default the start of its first frame. `endsSegment`: whether its segment
     * is known to end with it.
     */
    flush(timescale: number, fromMs?: number, endsSegment = false): void {
      const last = samples.at(-1)
      if (!last) return
      const toMs = 1000 / timescale
      const endMs = (last.dts + last.duration) * toMs
      const durationMs = fromMs === undefined ? ticks * toMs : endMs - fromMs
      // A part may end this much after its cut. Playlists must not exceed the part target.
      const isJitter = durationMs > partTargetMs && durationMs <= partTargetMs + sameTimeMs
      const part: Part = {
        durationMs: isJitter ? partTargetMs : durationMs,
        // A part is independent if decoding can start in it (RFC 8216bis 4.4.4.9).
        isIndependent: samples.some((sample) => sample.isSync),
        frames: samples.length,
        data: makeChunk(++sequence, samples),
        endMs,
      }
      samples = []
      ticks = 0
      bytes = 0
      onPart(part, lastArrival, endsSegment)
    },
  }
}
