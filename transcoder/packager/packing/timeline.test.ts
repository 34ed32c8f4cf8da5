import { expect, test } from 'vitest'
import { segmentPlanFor } from './segment-plan.ts'
import { Timeline } from './timeline.ts'

/**
 * Returns the times at which segments begin, ms, for a source of 25 frames/s from 0 to `toMs` with keyframes
 * at the given times, ms.
 */
function cutsOf(
  keyframes: readonly number[],
  toMs: number,
  more: { gopMs?: number; partTargetMs?: number } = {},
) {
  const timeline = new Timeline({
    ...segmentPlanFor(2000),
    partTargetMs: 10_000,
    frameMs: 40,
    gopMs: 0,
    firstMsn: () => 7,
    ...more,
  })
  for (let startMs = 0; startMs < toMs; startMs += 40)
    timeline.observe({ startMs, endMs: startMs + 40, isSync: keyframes.includes(startMs) })
  const follower = timeline.follow()
  const segments: number[] = []
  for (let cut = follower.take(toMs); cut; cut = follower.take(toMs))
    if (cut.kind === 'segment') segments.push(cut.timeMs)
  return segments
}

const every = (ms: number, toMs: number) =>
  Array.from({ length: Math.ceil(toMs / ms) }, (_, index) => index * ms)

test.each([
  [2000, [0, 2000, 4000, 6000]],
  [1000, [0, 2000, 4000, 6000]],
  [400, [0, 2000, 4000, 6000]],
  [1200, [0, 2400, 4800, 7200]],
  [1600, [0, 1600, 3200, 4800, 6400]],
  [2400, [0, 2400, 4800, 7200]],
])('a GOP of %s ms', (gopMs, expected) => {
  const segments = cutsOf(every(gopMs, 7600), 7600, { gopMs })
  expect(segments).toEqual(expected)
})

test('keyframes at scene changes make short segments rather than ones that are too long', () => {
  const segments = cutsOf([0, 2000, 2720, 4720, 6720], 8000, { gopMs: 2000 })
  expect(segments).toEqual([0, 2000, 2720, 4720, 6720])
})

test('without a keyframe in time a segment ends anyway', () => {
  const segments = cutsOf([0, 2000], 7000)
  expect(segments).toEqual([0, 2000, 4440, 6880])
})

test('a jump of timestamps begins a segment marked as a jump', () => {
  const timeline = new Timeline({
    ...segmentPlanFor(2000),
    partTargetMs: 400,
    frameMs: 40,
    gopMs: 2000,
    firstMsn: () => 0,
  })
  timeline.observe({ startMs: 0, endMs: 40, isSync: true })
  timeline.observe({ startMs: 60_000, endMs: 60_040, isSync: false })
  const follower = timeline.follow()
  expect(follower.take(0)).toMatchObject({ msn: 0, isJump: false })
  expect(follower.take(60_000)).toMatchObject({ msn: 1, isJump: true, timeMs: 60_000 })
})

test('a rendition that falls too far behind is an error, not a leak', () => {
  const timeline = new Timeline({
    ...segmentPlanFor(2000),
    partTargetMs: 40,
    frameMs: 40,
    gopMs: 2000,
    firstMsn: () => 0,
  })
  const follower = timeline.follow()
  for (let startMs = 0; startMs < 100_000; startMs += 40)
    timeline.observe({ startMs, endMs: startMs + 40, isSync: startMs % 2000 === 0 })
  expect(() => follower.take(0)).toThrow('too far behind')
})
