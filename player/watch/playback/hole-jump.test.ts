import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { beyondHole, jumpOverHoles } from './hole-jump.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Returns time ranges as a video element has them. */
const rangesOf = (...ranges: readonly [number, number][]): TimeRanges => ({
  length: ranges.length,
  start: (index) => ranges[index]?.[0] ?? 0,
  end: (index) => ranges[index]?.[1] ?? 0,
})

test.each<[string, number, [number, number][], number | undefined]>([
  [
    'media behind a hole',
    7.21,
    [
      [1, 7.3],
      [8, 8.5],
    ],
    8.01,
  ],
  ['no hole', 7.21, [[1, 9]], undefined],
  ['nothing behind it', 7.21, [[1, 7.3]], undefined],
  [
    'too little behind it',
    7.21,
    [
      [1, 7.3],
      [8, 8.1],
    ],
    undefined,
  ],
  [
    'media far behind it',
    7.21,
    [
      [1, 7.3],
      [14, 20],
    ],
    undefined,
  ],
  ['no media at the playhead', 7.21, [[8, 9]], 8.01],
])('%s: where playback continues', (_, currentTime, ranges, target) => {
  expect(beyondHole({ currentTime, buffered: rangesOf(...ranges) })).toBe(target)
})

/** Creates an element that stands still at a hole. */
function stillElement(change: object = {}) {
  return {
    currentTime: 7.21,
    buffered: rangesOf([1, 7.3], [8, 9]),
    played: rangesOf([1, 7.21]),
    paused: false,
    seeking: false,
    ...change,
  }
}

test('a picture that stands still at a hole continues behind it', async () => {
  const video = stillElement()
  const end = jumpOverHoles(video)
  await vi.advanceTimersByTimeAsync(150)
  expect(video.currentTime).toBe(7.21)
  await vi.advanceTimersByTimeAsync(100)
  expect(video.currentTime).toBe(8.01)
  end()
})

test.each([
  ['is paused', { paused: true }],
  ['seeks', { seeking: true }],
  ['has not played', { played: rangesOf() }],
])('a picture that %s stays where it is', async (_, change) => {
  const video = stillElement(change)
  const end = jumpOverHoles(video)
  await vi.advanceTimersByTimeAsync(2000)
  expect(video.currentTime).toBe(7.21)
  end()
})
