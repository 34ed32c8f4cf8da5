import { expect, test } from 'vitest'
import type { VideoUnit } from './media-unit.ts'
import { createShownOrder } from './shown-order.ts'

const unit = (ms: number, compositionMs: number, packet: VideoUnit['packet'] = 'frame'): VideoUnit => ({
  kind: 'video',
  codec: 'h264',
  packet,
  ms,
  compositionMs,
  body: Buffer.alloc(0),
  tag: Buffer.alloc(0),
})

function shownOf(units: readonly VideoUnit[]) {
  const shown: number[] = []
  const order = createShownOrder((frame) => shown.push(frame.shownAtMs))
  for (const each of units) order.add(each)
  return shown
}

test('frames that are not reordered are shown at once', () => {
  expect(shownOf([unit(0, 0, 'keyframe'), unit(33, 0), unit(67, 0)])).toEqual([0, 33, 67])
})

test('reordered frames are shown when nothing can come before them', () => {
  // I P B B P B B P in decode order; presented as I B B P B B P P.
  const units = [
    unit(0, 67, 'keyframe'),
    ...[unit(33, 133), unit(67, 33), unit(100, 33)],
    ...[unit(133, 133), unit(167, 33), unit(200, 33), unit(233, 133)],
  ]
  expect(shownOf(units)).toEqual([67, 100, 133, 166, 200, 233])
})

test('a source with absurd times is bounded', () => {
  const units = Array.from({ length: 100 }, (_, index) => unit(index, 1_000_000))
  expect(shownOf(units).length).toBe(68)
})
