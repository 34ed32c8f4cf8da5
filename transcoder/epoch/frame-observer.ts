import { createTimedKeyframes } from '../encoder/timed-keyframes.ts'
import type { ObservedFrame } from '../packager/packager.ts'
import type { TranscodePlan } from '../plan/plan.ts'
import type { VideoUnit } from '../source/media-unit.ts'
import { createShownOrder, type ShownFrame } from '../source/shown-order.ts'

export interface FrameObserver {
  /** Adds the next frame. Returns the frames whose order is now certain; none before `takeEarly`. */
  add(unit: VideoUnit): ObservedFrame[]
  /** Returns the frames that `add` has kept so far. Called once, when the epoch begins to publish. */
  takeEarly(): ObservedFrame[]
}

/**
 * Creates a predictor of the frames in the encoded renditions. Segments are cut before those frames exist,
 * because audio does not wait for a late encoder.
 */
export function createFrameObserver(plan: TranscodePlan, fromMs: number, segmentMs: number): FrameObserver {
  const { frameStep } = plan.picture
  let frames: ObservedFrame[] = []
  let early: ObservedFrame[] = []
  let isOpen = false
  let count = 0
  let isTimedKeyframe: ((frameMs: number) => boolean) | undefined

  const order = createShownOrder(({ shownAtMs, isKeyframe }: ShownFrame) => {
    if (shownAtMs < fromMs) return
    if (count++ % frameStep !== 0) return
    isTimedKeyframe ??= createTimedKeyframes({ originMs: shownAtMs, everyMs: segmentMs }, plan.fps)
    const isSync = plan.keyframes === 'source' ? isKeyframe : isTimedKeyframe(shownAtMs)
    frames.push({ startMs: shownAtMs, isSync })
  })

  return {
    add(unit) {
      order.add(unit)
      const certain = frames
      frames = []
      if (isOpen) return certain
      early.push(...certain)
      return []
    },
    takeEarly() {
      isOpen = true
      const taken = early
      early = []
      return taken
    },
  }
}
