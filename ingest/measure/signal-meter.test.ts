import { expect, test } from 'vitest'
import { review } from '../../core/coach/review.ts'
import { readSample, type SignalSample, writeSample } from '../../core/coach/signal/signal-sample.ts'
import type { Source } from '../../core/media/source.ts'
import { beganAt, healthyFacts, healthySource } from '../../test/kit/coach/healthy-signal.ts'
import { openSession } from '../../test/kit/ingest/open-session.ts'
import { createRandom } from '../../test/kit/random.ts'
import { type Measures, SignalMeter } from './signal-meter.ts'

interface Show {
  seconds: number
  fps?: number
  gopFrames?: number
  /** Timestamp of a frame, ms. */
  stampOf?: (frame: number) => number
  /** Whether the encoder drops a frame. */
  isDropped?: (frame: number) => boolean
  /** Delay of a packet in the network, ms; packets stay in order. */
  delayAt?: (sentAt: number) => number
}

const startsAt = 5_000_000

/** Sends 6 Mbit/s and AAC to a meter. Returns what it measured in each second. */
function measuresOf(show: Show): Measures[] {
  const { seconds, fps = 60, gopFrames = 2 * fps, isDropped = () => false, delayAt = () => 0 } = show
  const { stampOf = (frame: number) => Math.round((frame * 1000) / fps) } = show
  const meter = new SignalMeter()
  const packets: { at: number; frame?: number; audio?: number }[] = []
  for (let frame = 0; frame < seconds * fps; frame++)
    if (!isDropped(frame)) packets.push({ at: (frame * 1000) / fps, frame })
  for (let audio = 0; audio < (seconds * 48_000) / 1024; audio++)
    packets.push({ at: (audio * 1024_000) / 48_000, audio })
  packets.sort((one, other) => one.at - other.at)
  const measures: Measures[] = []
  let [arrival, sampled] = [0, 0]
  for (const { at, frame, audio } of packets) {
    arrival = Math.max(arrival, at + delayAt(at))
    for (; sampled + 1000 <= arrival; sampled += 1000) {
      const taken = meter.take(startsAt + sampled + 1000)
      if (taken) measures.push(taken)
    }
    const now = startsAt + arrival
    if (frame !== undefined) {
      const isKeyframe = frame % gopFrames === 0
      const [raw, bytes] = [stampOf(frame), isKeyframe ? 60_000 : 12_100]
      meter.addVideo({ raw: raw >>> 0, time: raw, bytes, now }, isKeyframe, 0)
    } else {
      const raw = Math.round(((audio ?? 0) * 1024_000) / 48_000)
      meter.addAudio({ raw, time: raw, bytes: 430, now })
    }
  }
  return measures
}

const samplesOf = (measures: readonly Measures[]): SignalSample[] =>
  measures.map((each, second) => ({ at: beganAt + second * 1000, publish: 1, ...each }))
const codesOf = (show: Show, source: Source = healthySource) => {
  const moments = review(samplesOf(measuresOf(show)), { ...healthyFacts, source })
  return [...new Set(moments.flatMap(({ issues }) => issues.map(({ code }) => code)))]
}

/** Delays of a common network: up to 40 ms, and 250 ms now and then. */
function commonNetwork(seed: number) {
  const random = createRandom(seed)
  return () => (random() < 0.0005 ? 250 : random() * 40)
}

test('20 minutes of a healthy publisher have no issue', () => {
  expect(codesOf({ seconds: 1200, delayAt: commonNetwork(3) })).toEqual([])
  const half = { ...healthySource, video: { ...healthySource.video, width: 1280, height: 720, fps: 30 } }
  expect(codesOf({ seconds: 300, fps: 30, delayAt: commonNetwork(4) }, half)).toEqual([])
})

test('rates, frames, GOPs and gaps are those of the packets', () => {
  const measures = measuresOf({ seconds: 20 })
  expect(measures).toHaveLength(19)
  const [sample] = measures.slice(10)
  expect(sample?.video).toBeCloseTo(6_000_000, -5.7)
  expect(sample?.audio).toBeCloseTo(161_000, -4)
  expect(sample).toMatchObject({ fps: 60, missing: 0, spread: 0, driftMs: 0, jumps: 0, skewMs: 0 })
  expect(sample?.gapMs).toBeLessThan(20)
  expect(measures.flatMap(({ gops }) => gops)).toEqual(Array.from({ length: 9 }, () => [2000, 2000]))
})

test.each([
  ['60000/1001', 60_000 / 1001],
  ['25', 25],
  ['120', 120],
])('rounded timestamps of %s frames/s are an even pace', (_, fps) => {
  const last = measuresOf({ seconds: 10, fps, gopFrames: 120 }).at(-1)
  expect(last?.fps).toBeCloseTo(fps, 0)
  expect(last).toMatchObject({ missing: 0, spread: 0 })
})

test('frames that the encoder drops are missing', () => {
  const measures = measuresOf({ seconds: 10, isDropped: (frame) => frame > 300 && frame % 10 === 0 })
  expect(measures.slice(0, 4).map(({ missing }) => missing)).toEqual([0, 0, 0, 0])
  expect(measures.at(-1)).toMatchObject({ missing: 6, spread: 0 })
})

test('an uneven pace has a spread and no missing frames', () => {
  const uneven = (frame: number) => Math.round(frame * 33.3) + ([0, 8, -6, 4][frame % 4] ?? 0)
  const last = measuresOf({ seconds: 10, fps: 30, stampOf: uneven }).at(-1)
  expect(last?.missing).toBe(0)
  expect(last?.spread).toBeGreaterThan(0.05)
})

test('a stalled network is a gap, then late media, and no missing frame or jump', () => {
  const delayAt = (at: number) => (at >= 10_000 && at < 14_000 ? 14_000 - at : 0)
  const measures = measuresOf({ seconds: 30, delayAt })
  expect(Math.max(...measures.map(({ gapMs }) => gapMs))).toBeCloseTo(4000, -2)
  expect(measures[13]?.driftMs).toBeGreaterThan(2900)
  expect(measures.at(-1)).toMatchObject({ driftMs: 0 })
  expect(measures.every(({ missing, jumps }) => missing === 0 && jumps === 0)).toBe(true)
})

test('a network that is too slow makes GOPs late and drift grow', () => {
  const measures = measuresOf({ seconds: 30, delayAt: (at) => at * 0.06 })
  expect(measures.at(-1)?.driftMs).toBeGreaterThan(1500)
  expect(measures.at(-1)?.gops.concat(measures.at(-2)?.gops ?? [])).toEqual([[2000, 2120]])
  expect(codesOf({ seconds: 60, delayAt: (at) => at * 0.06 })).toContain('uplink_saturated')
  expect(codesOf({ seconds: 60, delayAt: (at) => at * 0.06 })).toContain('uplink_behind')
})

test('timestamps that jump or wrap change no drift and no pace', () => {
  const wraps = measuresOf({ seconds: 10, stampOf: (frame) => 2 ** 32 - 5000 + Math.round(frame * 16.67) })
  expect(wraps.at(-1)).toMatchObject({ missing: 0, spread: 0 })
  expect(Math.abs(wraps.at(-1)?.driftMs ?? 99)).toBeLessThan(10)
  const jumps = measuresOf({
    seconds: 10,
    stampOf: (frame) => Math.round(frame * 16.667) + (frame > 300 ? 3_600_000 : 0),
  })
  expect(jumps.at(-1)).toMatchObject({ missing: 0, driftMs: 0 })
  const meter = new SignalMeter()
  meter.addAudio({ raw: 0, time: 0, bytes: 9, now: startsAt })
  meter.corrected({ fault: 'step_back', amount: -200 })
  meter.corrected({ fault: 'step_ahead', amount: 9000 })
  expect(meter.take(startsAt + 1000)).toMatchObject({ jumps: 1 })
  expect(meter.corrections).toEqual({ step_back: 1, step_ahead: 1 })
})

test('keyframes that are not IDR pictures are counted', () => {
  const meter = new SignalMeter()
  for (let frame = 0; frame < 30; frame++) {
    const [raw, isKeyframe] = [frame * 33, frame % 10 === 0]
    meter.addVideo({ raw, time: raw, bytes: 9, now: startsAt + raw, isOpen: frame !== 0 }, isKeyframe, 0)
  }
  expect(meter.take(startsAt + 1000)).toMatchObject({ openGops: 2 })
  expect(meter.take(startsAt + 2000)).toMatchObject({ openGops: 0 })
})

test('a session measures its packets, and nothing before the first', () => {
  const { session, header, keyframe, frame, soundHeader, sound } = openSession()
  expect(session.measure(500_000)).toBeUndefined()
  header()
  soundHeader()
  keyframe(0)
  for (let n = 1; n < 30; n++) frame(n * 33, n * 33, 66)
  sound(950)
  const measures = session.measure(501_000)
  expect(measures).toMatchObject({ frames: 30, audioPackets: 1, gapMs: 50, compositionMs: 66 })
  expect(measures?.video).toBeGreaterThan(0)
  expect(session.measure(503_000)).toMatchObject({ frames: 0, video: 0, gapMs: 2050 })
})

test('a sample is the same after writing and reading', () => {
  const [sample] = samplesOf(measuresOf({ seconds: 4 })).slice(-1)
  if (sample === undefined) throw new Error('there is no sample')
  expect(readSample(writeSample(sample))).toEqual(sample)
  expect(writeSample(sample).length).toBeLessThan(120)
  expect(readSample('[[],1,2]')).toMatchObject({ at: 1, publish: 2, video: 0, jumps: 0 })
})
