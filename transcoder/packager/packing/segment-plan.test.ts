import { expect, test } from 'vitest'
import { segmentPlanFor } from './segment-plan.ts'

test.each([
  [2000, 2],
  [1000, 1],
  [500, 1],
  [4000, 4],
])('segments of %s ms have a target duration of %s s and never round to more', (segmentMs, expected) => {
  const { targetDuration, maxSegmentMs } = segmentPlanFor(segmentMs)
  expect(targetDuration).toBe(expected)
  expect(Math.round((maxSegmentMs + 24) / 1000)).toBe(targetDuration)
})
