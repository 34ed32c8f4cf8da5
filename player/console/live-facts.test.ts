import { expect, test } from 'vitest'
import type { LiveStatus } from '../../core/api/channel.ts'
import { plainFacts, plainPicture } from '../../test/kit/plain-source.ts'
import { factsOf, warningsOf } from './live-facts.ts'

const video = {
  codec: 'h264',
  codecString: 'avc1.640028',
  width: 1920,
  height: 1080,
  fps: 29.97,
  isBrowserFriendly: true,
  ...plainPicture,
  gopMs: 2000,
  bitrate: 4e6,
} as const
const live: LiveStatus = {
  sessionId: 's_1',
  startedAt: '2030-01-01T00:00:00Z',
  state: 'live',
  viewers: 3,
  experience: null,
  source: {
    video,
    audio: { codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 44_100, channels: 2, bitrate: 128_000 },
    bitrate: 4.13e6,
    jitterMs: 2,
    ...plainFacts,
  },
  renditions: [],
  health: { speed: 1, behindMs: 0, overloaded: false },
}
const now = Date.parse('2030-01-01T00:01:05Z')

test('describes what is on air', () => {
  expect(Object.fromEntries(factsOf(live, now))).toEqual({
    Viewers: '3',
    'On air for': '1 min 5 s',
    Bitrate: '4.1 Mbps',
    Video: '1920×1080, 29.97 fps',
    Keyframes: 'every 2 s',
    Codecs: 'H.264 + AAC',
    Audio: '44.1 kHz, stereo',
    Transcoding: '1.00× real time',
  })
})

test('a session that has just started has few facts', () => {
  const started: LiveStatus = { ...live, source: null, health: null }
  expect(factsOf(started, now).map(([label]) => label)).toEqual(['Viewers', 'On air for'])
  expect(warningsOf(started)).toEqual([])
})

test('warns about problems that the operator can solve', () => {
  expect(warningsOf(live)).toEqual([])
  const troubled: LiveStatus = {
    ...live,
    source: {
      video: { ...video, gopMs: 10_000, isBrowserFriendly: false },
      audio: null,
      bitrate: 1,
      jitterMs: 0,
      ...plainFacts,
    },
    health: { speed: 0.8, behindMs: 4000, overloaded: true },
  }
  const warnings = warningsOf(troubled)
  expect(warnings).toHaveLength(3)
  expect(warnings[0]).toContain('4 s behind')
})
