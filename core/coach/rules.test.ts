import { expect, test } from 'vitest'
import { healthyFacts, healthySource, keyframesEach, signalOf } from '../../test/kit/coach/healthy-signal.ts'
import type { Rendition } from '../media/source.ts'
import { type IssueCode, issueCodes, type Severity } from './issues/issue.ts'
import type { SessionFacts } from './issues/rule.ts'
import { review } from './review.ts'
import type { SignalSample } from './signal/signal-sample.ts'

type Change = Partial<SignalSample> | ((second: number) => Partial<SignalSample>)
type Case = [signal: Change, facts?: Partial<SessionFacts>]

const video = (fields: object) => ({
  source: { ...healthySource, video: { ...healthySource.video, ...fields } },
})
const audio = (fields: object) => ({
  source: { ...healthySource, audio: { ...healthySource.audio, ...fields } },
})
const from = (start: number, change: Partial<SignalSample>) => (second: number) =>
  second >= start ? change : {}
const rendition: Rendition = {
  ...{ name: '480p', kind: 'video', passthrough: false, codecs: null, width: 854, height: 480, fps: 30 },
  bandwidth: 1_200_000,
}

/** Per code and severity: what triggers it within 100 s, and what is next to that and does not. */
const cases: [IssueCode, Severity, Case, Case][] = [
  ['starved', 'error', [from(98, { gapMs: 3200 })], [{ gapMs: 900 }]],
  ['starved', 'warning', [from(98, { gapMs: 1100 })], [{ gapMs: 1900, fps: 1 }]],
  ['uplink_behind', 'warning', [from(92, { driftMs: 800 })], [from(92, { driftMs: 400 })]],
  ['uplink_behind', 'error', [from(92, { driftMs: 3000 })], [from(99, { driftMs: 3000 })]],
  ['uplink_saturated', 'warning', [keyframesEach(2000, 2120)], [keyframesEach(2000, 2020)]],
  ['uplink_saturated', 'error', [keyframesEach(2000, 2600)], [keyframesEach(2000, 2030)]],
  [
    'faster_than_realtime',
    'warning',
    [(second) => ({ driftMs: -second * 100 })],
    [(second) => ({ driftMs: second < 50 ? second * 100 : 0 })],
  ],
  ['jitter_high', 'info', [{ jitterMs: 150 }], [{ jitterMs: 90 }]],
  ['jitter_high', 'warning', [{ jitterMs: 350 }], [from(92, { jitterMs: 350 })]],
  ['frames_missing', 'warning', [{ missing: 1 }], [(second) => ({ missing: second % 4 === 0 ? 1 : 0 })]],
  ['frames_missing', 'error', [{ frames: 50, missing: 10 }], [{ frames: 40, missing: 20, spread: 0.3 }]],
  [
    'bitrate_unstable',
    'warning',
    [
      (second) => ({
        video: (second % 8 < 4 ? 6e6 : 1e6) * (second % 40 < 20 ? 1.4 : 0.6),
        driftMs: second % 8 < 4 ? 0 : 220,
      }),
    ],
    [(second) => ({ video: (second % 8 < 4 ? 6e6 : 1e6) * (second % 40 < 20 ? 1.4 : 0.6) })],
  ],
  ['timestamps_jump', 'error', [from(95, { jumps: 1 })], [(second) => ({ jumps: second === 80 ? 1 : 0 })]],
  ['av_skew', 'warning', [{ skewMs: 300 }], [{ skewMs: 150 }]],
  ['av_skew', 'error', [{ skewMs: -1500 }], [(second) => ({ skewMs: second % 5 < 2 ? 1500 : 0 })]],
  [
    'reconnects',
    'warning',
    [(second) => ({ publish: 1 + Math.floor(second / 30) })],
    [(second) => ({ publish: 1 + Math.floor(second / 40) })],
  ],
  ['keyframe_interval_long', 'warning', [keyframesEach(6000)], [keyframesEach(4000)]],
  ['keyframe_interval_long', 'error', [from(90, { gopAgeMs: 9000 })], [{ gopAgeMs: 7000 }]],
  ['keyframe_interval_long', 'error', [keyframesEach(10_000)], [{ gops: [], gopAgeMs: 3000 }]],
  [
    'keyframe_interval_high_for_latency',
    'info',
    [keyframesEach(4000)],
    [keyframesEach(4000), { latency: 'standard' }],
  ],
  ['keyframe_interval_short', 'info', [{ gops: [[500, 500]] }], [{ gops: [[1000, 1000]] }]],
  [
    'keyframe_interval_unsteady',
    'warning',
    [(second) => ({ gops: [[second % 5 === 0 ? 4000 : 1500, 2000]] })],
    [(second) => ({ gops: [[second % 5 === 0 ? 2200 : 1500, 1500]] })],
  ],
  [
    'open_gop',
    'warning',
    [(second) => ({ openGops: second % 10 === 0 ? 1 : 0 })],
    [(second) => ({ openGops: second === 90 ? 1 : 0 })],
  ],
  ['video_bitrate_low', 'warning', [{ video: 3_000_000 }], [{ video: 5_200_000 }]],
  ['video_bitrate_low', 'info', [{ video: 4_000_000 }], [{ video: 4_000_000 }, video({ fps: 30 })]],
  ['video_bitrate_high', 'warning', [{ video: 13_000_000 }], [{ video: 11_500_000 }]],
  [
    'video_bitrate_high',
    'error',
    [{ video: 16_000_000 }],
    [{ video: 16_000_000 }, video({ width: 2560, height: 1440 })],
  ],
  ['frame_rate_low', 'warning', [from(70, { fps: 50 })], [from(70, { fps: 58 })]],
  ['frame_rate_low', 'error', [from(70, { fps: 30 })], [{ fps: 30 }]],
  ['frame_rate_variable', 'info', [{ spread: 0.05 }], [{ spread: 0.01 }]],
  ['frame_rate_high', 'info', [{ fps: 120 }], [{ fps: 60.2 }]],
  [
    'resolution_odd',
    'info',
    [{}, video({ width: 1366, height: 600 })],
    [{}, video({ width: 1280, height: 720 })],
  ],
  [
    'resolution_odd',
    'info',
    [{}, { ...video({ width: 2560, height: 1440 }), renditions: [rendition] }],
    [{}, video({ width: 2560, height: 1440 })],
  ],
  [
    'video_not_browser_friendly',
    'warning',
    [{}, video({ isBrowserFriendly: false, bitDepth: 10 })],
    [{}, video({ codec: 'hevc', codecString: 'hvc1.1.6.L123.B0' })],
  ],
  [
    'profile_level_high',
    'info',
    [{}, video({ codecString: 'avc1.640034' })],
    [{}, video({ codecString: 'avc1.640033' })],
  ],
  [
    'profile_baseline',
    'info',
    [{}, video({ codecString: 'avc1.42c01f' })],
    [{}, video({ codecString: 'avc1.4d401f' })],
  ],
  ['b_frames', 'info', [{}, { latency: 'ultra' }], [{ compositionMs: 0 }, { latency: 'ultra' }]],
  ['interlaced', 'warning', [{}, video({ isInterlaced: true })], [{}]],
  ['audio_missing', 'warning', [from(97, { audioPackets: 0 })], [from(98, { audioPackets: 0 })]],
  ['video_missing', 'error', [from(97, { frames: 0 })], [from(97, { frames: 0, audioPackets: 0 })]],
  [
    'video_missing',
    'warning',
    [{ frames: 0, fps: 0 }, { source: { ...healthySource, video: null } }],
    [from(98, { frames: 0 })],
  ],
  ['audio_bitrate_low', 'info', [{ audio: 64_000 }], [{ audio: 64_000 }, audio({ channels: 1 })]],
  ['audio_bitrate_high', 'info', [{ audio: 512_000 }], [{ audio: 330_000 }]],
  ['audio_sample_rate', 'warning', [{}, audio({ sampleRate: 22_050 })], [{}, audio({ sampleRate: 44_100 })]],
  ['audio_channels', 'info', [{}, audio({ channels: 6 })], [{}, audio({ channels: 1 })]],
  [
    'transcode_behind',
    'error',
    [{}, { health: { speed: 0.7, behindMs: 6000, overloaded: true } }],
    [{}, { health: { speed: 0.9, behindMs: 900, overloaded: false } }],
  ],
  [
    'viewers_stalling',
    'warning',
    [{}, { viewers: { count: 12, stallRatio: 0.05, lowThroughput: null } }],
    [{}, { viewers: { count: 9, stallRatio: 0.5, lowThroughput: null } }],
  ],
  [
    'viewers_cannot_follow',
    'info',
    [{}, { renditions: [rendition], viewers: { count: 12, stallRatio: 0, lowThroughput: 1_000_000 } }],
    [{}, { renditions: [rendition], viewers: { count: 12, stallRatio: 0, lowThroughput: 1_400_000 } }],
  ],
]

/** Returns the issues at the last of 100 s. */
function issuesOf([signal, facts = {}]: Case) {
  const moments = review(signalOf(100, signal), { ...healthyFacts, ...facts })
  return moments.at(-1)?.issues ?? []
}

test.each(cases)('%s (%s) is found, and not what is next to it', (code, severity, ill, well) => {
  const found = issuesOf(ill).find((issue) => issue.code === code)
  expect(found).toMatchObject({ code, severity })
  expect(issuesOf(well).filter((issue) => issue.code === code && issue.severity === severity)).toEqual([])
})

test('every code is tested', () => {
  expect(new Set(cases.map(([code]) => code))).toEqual(new Set(issueCodes))
})
