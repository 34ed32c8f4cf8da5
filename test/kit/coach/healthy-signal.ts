import type { SessionFacts } from '../../../core/coach/issues/rule.ts'
import type { SignalSample } from '../../../core/coach/signal/signal-sample.ts'
import type { Source } from '../../../core/media/source.ts'
import { plainFacts, plainPicture } from '../plain-source.ts'
import { createRandom } from '../random.ts'

/** When the first sample ends, ms since the epoch. */
export const beganAt = Date.parse('2026-05-01T10:00:01.000Z')

/** A stream of OBS: 1080p60 with 6 Mbit/s, keyframes every 2 s, and stereo AAC with 160 kbit/s. */
export const healthySource = {
  video: {
    ...{ codec: 'h264', codecString: 'avc1.64002a', width: 1920, height: 1080, fps: 60 },
    ...{ isBrowserFriendly: true, ...plainPicture, gopMs: 2000, bitrate: 6_000_000 },
  },
  audio: { codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 48_000, channels: 2, bitrate: 160_000 },
  ...{ bitrate: 6_160_000, jitterMs: 4, ...plainFacts },
} as const satisfies Source

export const healthyFacts: SessionFacts = {
  latency: 'low',
  source: healthySource,
  renditions: [],
  health: { speed: 1, behindMs: 120, overloaded: false },
  viewers: { count: 50, stallRatio: 0.001, lowThroughput: 9_000_000 },
}

type Change = Partial<SignalSample> | ((second: number) => Partial<SignalSample>)

/** Returns the samples of a healthy stream over a common network, with a change to each. */
export function signalOf(seconds: number, change: Change = {}, seed = 1): SignalSample[] {
  const random = createRandom(seed)
  const around = (middle: number, spread: number) => Math.round(middle + (random() - 0.5) * 2 * spread) + 0
  return Array.from({ length: seconds }, (_, second) => ({
    at: beganAt + second * 1000,
    publish: 1,
    video: around(6_000_000, 700_000),
    audio: around(160_000, 12_000),
    frames: around(60, 2),
    audioPackets: around(47, 2),
    fps: second < 1 ? 0 : 60,
    missing: 0,
    spread: 0,
    gapMs: around(60, 45),
    driftMs: around(second * 0.02, 25),
    jitterMs: around(12, 8),
    gopAgeMs: second % 2 === 0 ? 983 : 1983,
    compositionMs: 33,
    skewMs: around(0, 40),
    jumps: 0,
    openGops: 0,
    gops: second > 0 && second % 2 === 0 ? [[2000, around(2000, 40)] as const] : [],
    ...(typeof change === 'function' ? change(second) : change),
  }))
}

/** Returns a change to a signal: keyframes of this distance, whose GOPs arrive in `receivedMs` each. */
export const keyframesEach =
  (lengthMs: number, receivedMs = lengthMs) =>
  (second: number): Partial<SignalSample> => ({
    gops: second > 0 && (second * 1000) % lengthMs === 0 ? [[lengthMs, receivedMs]] : [],
    gopAgeMs: 900 + ((second * 1000) % lengthMs),
  })
