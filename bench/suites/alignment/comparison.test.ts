import { expect, test } from 'vitest'
import { compareRenditions } from './comparison.ts'
import type { FetchedSegment } from './rendition-media.ts'

const frame = (pts: number, isKeyframe = false) => ({ dts: pts, pts, duration: 10, isKeyframe })

function segment(...parts: ReturnType<typeof frame>[][]): FetchedSegment {
  const fragments = parts.map((samples) => ({ trackId: 1, decodeTime: samples[0]?.dts ?? 0, samples }))
  return { isGap: false, isSumOfParts: true, fragments }
}
const gap: FetchedSegment = { isGap: true, isSumOfParts: true, fragments: [] }

const compare = (first: FetchedSegment[], second: FetchedSegment[]) =>
  compareRenditions(
    new Map([
      ['720p', new Map(first.entries())],
      ['360p', new Map(second.entries())],
    ]),
  )

test('equal renditions have no differences, and what not all have yet does not count', () => {
  const one = segment([frame(0, true), frame(10)], [frame(20)])
  const two = segment([frame(30, true)])
  expect(compare([one, two], [one])).toEqual({
    segments: 1,
    parts: 2,
    keyframes: 1,
    missing: 0,
    torn: 0,
    starts: 0,
    decodeTimes: 0,
    maxTicks: 0,
    keyframeTimes: 0,
    frames: 0,
    examples: [],
  })
})

test('other decode times, keyframes and frames are counted', () => {
  const { starts, decodeTimes, maxTicks, keyframeTimes, frames, examples } = compare(
    [segment([frame(0, true), frame(10)], [frame(20)])],
    [segment([frame(0, true)], [frame(10, true), frame(21)])],
  )
  expect([starts, decodeTimes, maxTicks, keyframeTimes, frames]).toEqual([0, 1, 10, 1, 1])
  expect(examples[0]).toBe('decodeTimes: segment 0 of 360p: 2 instead of 2; number 1 is 10 instead of 20')
})

test('gaps and torn segments are counted', () => {
  const whole = segment([frame(0, true)])
  const torn = { ...whole, isSumOfParts: false }
  expect(compare([whole, whole], [gap, torn])).toMatchObject({ missing: 1, torn: 1, frames: 0 })
})
