import { expect, test } from 'vitest'
import { readFragments } from '../../bench/stand/track-fragments.ts'
import { makeChunk } from '../../transcoder/packager/mp4/chunk.ts'
import type { Sample } from '../../transcoder/packager/packager.ts'

const sample = (dts: number, change: Partial<Sample> = {}): Sample => ({
  dts,
  duration: 3000,
  compositionOffset: 0,
  isSync: false,
  data: Buffer.alloc(10),
  ...change,
})
const read = (...samples: Sample[]) => readFragments(makeChunk(1, samples))

test('samples with the defaults of their fragment are read', () => {
  expect(read(sample(9000, { isSync: true }), sample(12_000))).toEqual([
    {
      trackId: 1,
      decodeTime: 9000,
      samples: [
        { dts: 9000, pts: 9000, duration: 3000, isKeyframe: true },
        { dts: 12_000, pts: 12_000, duration: 3000, isKeyframe: false },
      ],
    },
  ])
})

test('samples with durations, flags and offsets of their own are read', () => {
  const far = 2 ** 33
  const [fragment] = read(
    sample(far, { duration: 1000 }),
    sample(far + 1000, { compositionOffset: -500 }),
    sample(far + 4000, { isSync: true, compositionOffset: 500 }),
  )
  expect(fragment?.samples).toEqual([
    { dts: far, pts: far, duration: 1000, isKeyframe: false },
    { dts: far + 1000, pts: far + 500, duration: 3000, isKeyframe: false },
    { dts: far + 4000, pts: far + 4500, duration: 3000, isKeyframe: true },
  ])
})
