import { expect, test } from 'vitest'
import { testVideoTrack } from '../../../test/kit/packager/media.ts'
import { readSamples } from '../../../test/kit/packager/mp4-file.ts'
import { makeChunk } from './chunk.ts'
import type { Sample } from './sample.ts'
import { stereoTrack } from './silent-track.ts'

const sample = (more: Partial<Sample>): Sample => ({
  dts: 0,
  duration: 3000,
  compositionOffset: 0,
  isSync: false,
  data: Buffer.from('data'),
  ...more,
})

test.each<[string, Sample[]]>([
  ['one keyframe', [sample({ isSync: true })]],
  ['a keyframe and others', [sample({ isSync: true }), sample({ dts: 3000 }), sample({ dts: 6000 })]],
  ['a keyframe in the middle', [sample({}), sample({ dts: 3000, isSync: true }), sample({ dts: 6000 })]],
  ['uneven durations', [sample({ duration: 2970 }), sample({ dts: 2970, duration: 3060 })]],
  [
    'reordered frames, negative offsets too',
    [
      sample({ isSync: true }),
      sample({ dts: 3000, compositionOffset: 6000 }),
      sample({ dts: 6000, compositionOffset: -3000 }),
    ],
  ],
  ['times beyond 32 bits', [sample({ dts: 2 ** 40 })]],
])('a parser reads what was written: %s', (_what, samples) => {
  const { read } = readSamples(Buffer.concat([testVideoTrack.init, makeChunk(1, samples)]))
  expect(read).toEqual(samples)
})

test('an init segment describes its track', () => {
  const video = readSamples(Buffer.concat([testVideoTrack.init, makeChunk(1, [sample({})])])).track
  expect(video).toMatchObject({
    codec: 'avc1.64001f',
    timescale: 90_000,
    video: { width: 1280, height: 720 },
  })
  expect(testVideoTrack.track).toMatchObject({ codecs: 'avc1.64001f', width: 1280, height: 720 })
  const audio = readSamples(Buffer.concat([stereoTrack.init, makeChunk(1, [sample({})])])).track
  expect(audio).toMatchObject({
    codec: 'mp4a.40.2',
    timescale: 48_000,
    audio: { channel_count: 2, sample_rate: 48_000 },
  })
  expect(stereoTrack.track).toMatchObject({ codecs: 'mp4a.40.2', frameTicks: 1024 })
})
