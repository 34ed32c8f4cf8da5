import { expect, test } from 'vitest'
import { createPartTarget, fills, partTargetFor } from './part-target.ts'

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

test('a part target never changes once it is set', () => {
  const partTarget = createPartTarget(333)
  expect(partTarget.suiting(40)).toBe(320)
  expect(partTarget.listedMs).toBe(333)
  expect(partTarget.forFrames(1000 / 30)).toBe(334)
  expect(partTarget.forFrames(40)).toBe(334)
  expect(partTarget.suiting(40)).toBe(334)
  expect(partTarget.listedMs).toBe(334)
})

test('playlists without parts list no target', () => {
  const partTarget = createPartTarget(null)
  expect(partTarget.forFrames(40)).toBe(520)
  expect(partTarget.listedMs).toBeNull()
})

test.each([
  [334, 1024 / 48, true],
  [334, 1024 / 44.1, true],
  [334, 128, false],
  [100, 64, false],
])(
  'frames fill a part of %s ms if whole ones of %s ms are at least 85 %% of it: %s',
  (target, frame, expected) => {
    expect(fills(target, frame)).toBe(expected)
  },
)
