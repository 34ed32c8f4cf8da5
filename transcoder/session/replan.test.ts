import { expect, test } from 'vitest'
import type { Source } from '../../core/media/source.ts'
import type { SourceView } from '../flv/start-filter.ts'
import { planTranscode } from '../plan/plan.ts'
import { type ReplanInput, replanFor } from './replan.ts'

const source: Source = {
  video: {
    codec: 'h264',
    codecString: null,
    width: 1280,
    height: 720,
    fps: 30,
    isBrowserFriendly: true,
    gopMs: null,
    bitrate: 3_000_000,
  },
  audio: { codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 48_000, channels: 2, bitrate: 128_000 },
  bitrate: 3_128_000,
  jitterMs: 0,
}
const ladder = { kind: 'auto' } as const

function input(view: Partial<SourceView>, more: Partial<ReplanInput> = {}): ReplanInput {
  return {
    plan: planTranscode(source, { ladder, followsSource: true }),
    view: {
      newestMs: 10_000,
      keyframeMs: 8000,
      compositionMs: 0,
      longestGopMs: 2000,
      hasAudio: true,
      ...view,
    },
    source,
    ladder,
    segmentMs: 2000,
    expectedGopMs: null,
    ...more,
  }
}

test('a GOP of one segment is followed', () => {
  expect(replanFor(input({ longestGopMs: 2033 }))).toBeUndefined()
})

test('a longer one is encoded from the latest time that leaves the open segment whole', () => {
  expect(replanFor(input({ longestGopMs: 2067, newestMs: 10_067, compositionMs: 67 }))).toMatchObject({
    why: 'gop_too_long',
    plan: { keyframes: 'timed', audio: 'copy' },
    at: { kind: 'time', ms: 8000 + 67 + 2425 },
  })
})

test('one that is known to be a little longer is followed as far as HLS allows', () => {
  expect(replanFor(input({ longestGopMs: 2300 }, { expectedGopMs: 2300 }))).toBeUndefined()
  expect(replanFor(input({ longestGopMs: 2400 }, { expectedGopMs: 2300 }))?.why).toBe('gop_too_long')
})

test('with timed keyframes no GOP is too long', () => {
  const plan = planTranscode(source, { ladder, followsSource: false })
  expect(replanFor(input({ longestGopMs: 8333 }, { plan }))).toBeUndefined()
})

test('audio that appears later begins at a keyframe where the video is passed through', () => {
  const plan = { ...planTranscode(source, { ladder, followsSource: true }), audio: 'silent' as const }
  expect(replanFor(input({ hasAudio: false }, { plan }))).toBeUndefined()
  // Packets arrived, but their codec is not known yet.
  expect(replanFor(input({}, { plan, source: { ...source, audio: null } }))).toBeUndefined()
  expect(replanFor(input({}, { plan }))).toEqual({
    why: 'sound_appeared',
    plan: { ...plan, audio: 'copy' },
    at: { kind: 'keyframe', ms: 10_001 },
  })
})

test('nothing changes before the first frame', () => {
  expect(replanFor(input({ newestMs: undefined, longestGopMs: 9000 }))).toBeUndefined()
})
