import { shownAtMs, type VideoUnit } from './media-unit.ts'

/** A frame of the source in the order in which frames are shown. */
export interface ShownFrame {
  shownAtMs: number
  isKeyframe: boolean
}

/** Maximum number of frames that wait for their turn: H.264 and HEVC allow 16 to be reordered. */
const maxWaiting = 32

/** Puts frames that arrive in decode order into the order in which they are shown. */
export function createShownOrder(onFrame: (frame: ShownFrame) => void) {
  let waiting: ShownFrame[] = []

  return {
    add(unit: VideoUnit): void {
      waiting.push({ shownAtMs: shownAtMs(unit), isKeyframe: unit.packet === 'keyframe' })
      waiting.sort((a, b) => a.shownAtMs - b.shownAtMs)
      // No frame is shown before it is decoded, so nothing that is still to come is shown before `unit.ms`.
      const isDue = (frame: ShownFrame) => frame.shownAtMs <= unit.ms
      const count = Math.max(waiting.filter(isDue).length, waiting.length - maxWaiting)
      const due = waiting.slice(0, count)
      waiting = waiting.slice(count)
      for (const frame of due) onFrame(frame)
    },
  }
}
