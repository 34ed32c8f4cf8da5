import { expect, test } from 'vitest'
import type { Source } from '../../core/media/source.ts'
import { avcConfig } from '../../test/kit/ingest/rtmp-bytes.ts'
import type { VideoUnit } from './media-unit.ts'
import { SourceTracks } from './source-tracks.ts'

const unit = (ms: number, packet: VideoUnit['packet']): VideoUnit => ({
  kind: 'video',
  codec: 'h264',
  packet,
  ms,
  compositionMs: 0,
  body: packet === 'config' ? avcConfig.subarray(5) : Buffer.alloc(10),
  tag: Buffer.alloc(0),
})
const measured = { video: null, audio: null } as unknown as Source

/** Returns the frame rate of a source with keyframes at these times, ms. Its header states 30 frames/s. */
function fpsOf(times: readonly number[]) {
  const tracks = new SourceTracks()
  tracks.observe(unit(0, 'config'), 0)
  for (const ms of times) tracks.observe(unit(ms, 'keyframe'), ms)
  return tracks.source(measured).video?.fps
}

test('a GOP that is too long to keep is dropped until the next keyframe', () => {
  const tracks = new SourceTracks()
  tracks.observe(unit(0, 'config'), 0)
  for (let n = 0; n < 20_001; n++) tracks.observe(unit(n * 33, n === 0 ? 'keyframe' : 'frame'), n * 33)
  expect(tracks.gop).toEqual([])
  tracks.observe(unit(700_000, 'keyframe'), 700_000)
  tracks.observe(unit(700_033, 'frame'), 700_033)
  expect(tracks.gop.map(({ packet }) => packet)).toEqual(['keyframe', 'frame'])
})

test.each([
  ['one frame', [0], 30],
  ['slides', [0, 10_000], 0.1],
  ['frames with a hole', [0, 33, 67, 100, 2100], 30],
])('the frame rate of %s', (_what, times, fps) => {
  expect(fpsOf(times)).toBe(fps)
})
