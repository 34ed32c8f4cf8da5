import { expect, test } from 'vitest'
import { nextPartTarget, partTargetFor } from './part-target.ts'

test.each([
  [333, 30, 334],
  [333, 60, 334],
  [333, 25, 320],
  [100, 30, 100],
  [100, 60, 100],
  [100, 50, 100],
  [100, 25, 120],
  [100, 24, 93],
  [333, 5, 400],
  [100, 5, 200],
])('parts of %s ms at %s fps have a target of %s ms', (partMs, fps, expected) => {
  expect(partTargetFor(partMs, 1000 / fps)).toBe(expected)
})

test('a part target stays as long as frames of another duration fill it, and never shrinks', () => {
  expect(nextPartTarget(334, 333, 40)).toBe(334)
  expect(nextPartTarget(100, 100, 40)).toBe(120)
  expect(nextPartTarget(120, 100, 1000 / 30)).toBeGreaterThanOrEqual(120)
})
