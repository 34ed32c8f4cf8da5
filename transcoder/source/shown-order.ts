import { shownAtMs, type VideoUnit } from './media-unit.ts'

/** A frame of the source; `createShownOrder` delivers frames in the order of their presentation. */
export interface ShownFrame {
  shownAtMs: number
  isKeyframe: boolean
}

/** Maximum number of frames that wait for their turn. H.264 and HEVC reorder up to 16. */
const maxWaiting = 32

/** Changes the order of frames from decoding to presentation. */
export function createShownOrder(onFrame: (frame: ShownFrame) => void) {
  let waiting: ShownFrame[] = []

  return {
    add(unit: VideoUnit): void {
      waiting.push({ shownAtMs: shownAtMs(unit), isKeyframe: unit.packet === 'keyframe' })
      waiting.sort((a, b) => a.shownAtMs - b.shownAtMs)
      // No frame is presented before it is decoded. So a later frame cannot be presented before `unit.ms`.
      const isDue = (frame: ShownFrame) => frame.shownAtMs <= unit.ms
      const count = Math.max(waiting.filter(isDue).length, waiting.length - maxWaiting)
      const due = waiting.slice(0, count)
      waiting = waiting.slice(count)
      for (const frame of due) onFrame(frame)
    },
  }
}
