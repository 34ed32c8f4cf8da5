import { expect, test } from 'vitest'
import { audioHeader, videoHeader } from '../../../test/kit/packager/media.ts'
import { makeChunk } from './chunk.ts'
import type { Track } from './movie.ts'
import type { Sample } from './sample.ts'
import { createTrackReader } from './track-reader.ts'

/** Reads a header, then a chunk that is made for its track. */
function roundTrip(header: Buffer, samples: readonly Sample[]): { track: Track; read: Sample[] } {
  const read: Sample[] = []
  const tracks: Track[] = []
  const reader = createTrackReader({
    onTrack: (track) => tracks.push(track),
    onSample: (sample) => read.push(sample),
  })
  reader.push(header, 0)
  const [track] = tracks
  if (!track) throw new Error('no track')
  reader.push(makeChunk(track, 1, samples), 0)
  return { track, read }
}

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
])('what was written is read again: %s', (_what, samples) => {
  expect(roundTrip(videoHeader(), samples).read).toEqual(samples)
})

test('a track has its codec string of RFC 6381', () => {
  const video = roundTrip(videoHeader(), [sample({})]).track
  expect(video).toMatchObject({ codecs: 'avc1.64001f', width: 1280, height: 720, timescale: 90_000 })
  const audio = roundTrip(audioHeader(), [sample({})]).track
  expect(audio).toMatchObject({
    codecs: 'mp4a.40.2',
    frameTicks: 1024,
    config: { channels: 2, sampleRate: 48_000 },
  })
})
