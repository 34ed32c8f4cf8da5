import { expect, test } from 'vitest'
import {
  audio,
  clockStream,
  runClock,
  type Stream,
  type TimeOf,
  video,
} from '../../test/kit/ingest/clock-stream.ts'
import type { ClockFault } from './clock-fault.ts'
import { SessionClock } from './session-clock.ts'

const wrap = 2 ** 32
const hour = 3_600_000
const stepAt =
  (at: number, by: number): TimeOf =>
  (truth) =>
    truth >= at ? truth + by : truth
const onlyVideo =
  (by: (truth: number) => number): TimeOf =>
  (truth, track) =>
    track === video ? by(truth) : truth

const fasterFrom =
  (at: number, speed: number): TimeOf =>
  (truth) =>
    truth < at ? truth : at + (truth - at) * speed

test.each<[string, Stream]>([
  ['starts at 0', {}],
  ['starts at the uptime of an encoder', { raw: (truth) => truth + 987_654_321 }],
  ['starts beyond 2^31', { raw: (truth) => truth + 2 ** 31 - 5000 }],
  ['wraps', { raw: (truth) => truth + wrap - 6000 }],
  ['arrives unevenly', { seconds: 120, delay: (truth) => (truth * 7919) % 180 }],
  ['has 0.1 pictures a second', { seconds: 120, fps: 0.1, audioFrom: undefined }],
  ['has 1 picture a second', { fps: 1 }],
  ['has 120 pictures a second', { fps: 120 }],
  ['has pictures only', { audioFrom: undefined }],
  ['has sound only', { videoFrom: undefined }],
  ['begins with 3 s of sound', { videoFrom: 3000 }],
  ['has sound after 20 s', { audioFrom: 20_000 }],
  ['begins with a burst of 2 s', { delay: (truth) => Math.max(20, 2000 - truth) }],
  ['begins with a burst of 8 s', { delay: (truth) => Math.max(20, 8000 - truth) }],
  ['encodes pictures for 1.2 s', { delay: (_, track) => (track === video ? 1200 : 20) }],
])('a source that %s is left alone', (_what, options) => {
  const { betweenTracks, faults } = runClock(clockStream(options))
  expect(faults).toEqual({})
  expect(betweenTracks).toBeLessThanOrEqual(10)
})

test.each<[string, Stream, ClockFault]>([
  ['steps back by 200 ms', { raw: stepAt(8000, -200) }, 'step_back'],
  ['steps back by 4.5 s', { raw: stepAt(8000, -4500) }, 'step_back'],
  [
    'begins again after 3 h',
    { raw: (truth) => (truth < 8000 ? truth + 3 * hour : truth - 8000) },
    'step_back',
  ],
  ['begins again after 0.2 s', { raw: (truth) => (truth < 200 ? truth + 5000 : truth - 200) }, 'step_back'],
  ['begins again after 3 s', { raw: (truth) => (truth < 3000 ? truth : truth - 3000) }, 'step_back'],
  ['jumps ahead by 2.5 s', { raw: stepAt(8000, 2500) }, 'step_ahead'],
  ['jumps ahead by an hour', { raw: stepAt(8000, hour) }, 'step_ahead'],
  ['jumps ahead by 24 days', { raw: stepAt(8000, 24 * 24 * hour) }, 'step_ahead'],
  [
    'jumps ahead in one track',
    { raw: onlyVideo(stepAt(8000, 60_000) as (truth: number) => number) },
    'step_ahead',
  ],
  ['counts pictures from another hour', { raw: onlyVideo((truth) => truth + hour) }, 'other_base'],
  ['counts pictures from 5 s later', { raw: onlyVideo((truth) => truth + 5000) }, 'other_base'],
  [
    'counts pictures from their first',
    { videoFrom: 3000, raw: onlyVideo((truth) => truth - 3000) },
    'other_base',
  ],
  [
    'counts both from some uptime',
    { raw: (truth, track) => truth + (track === video ? 123_456_789 : wrap - 7000) },
    'other_base',
  ],
])('a source that %s continues without a gap', (_what, options, fault) => {
  const { fromWall, betweenTracks, gap, faults } = runClock(clockStream(options))
  expect(faults).toEqual({ [fault]: 1 })
  expect(fromWall).toBeLessThanOrEqual(40)
  expect(betweenTracks).toBeLessThanOrEqual(40)
  expect(gap).toBeLessThanOrEqual(100)
})

test.each([audio, video])('one late packet of the clock before a step changes nothing', (track) => {
  const packets = clockStream({ raw: (truth) => (truth < 8000 ? truth + 3 * hour : truth - 8000) })
  const at = packets.findIndex((packet) => packet.truth >= 8050)
  const { arrivedAt = 0 } = packets[at] ?? {}
  const late = { track, truth: 8010, raw: 3 * hour + 8010, arrivedAt }
  const { fromWall, gap, faults } = runClock(packets.toSpliced(at, 0, late))
  expect(faults).toEqual({ step_back: 1, late_packet: 1 })
  expect(fromWall).toBeLessThanOrEqual(60)
  expect(gap).toBeLessThanOrEqual(100)
})

test.each<[string, Stream, ClockFault, number]>([
  ['runs at half speed', { seconds: 60, raw: (truth) => truth / 2 }, 'speed', 50],
  ['runs at double speed', { seconds: 60, raw: (truth) => truth * 2 }, 'speed', 1000],
  ['counts 90 000 a second', { seconds: 60, raw: (truth) => truth * 90 }, 'stuck', 50],
  ['stands still', { seconds: 60, raw: () => 1000 }, 'stuck', 50],
  ['stands still after 10 s', { seconds: 60, raw: (truth) => Math.min(truth, 10_000) }, 'stuck', 1100],
  [
    'has pictures that stand still after 12 s',
    { seconds: 60, raw: onlyVideo((truth) => Math.min(truth, 12_000)) },
    'stuck',
    1100,
  ],
  ['runs at four times its speed after 12 s', { seconds: 60, raw: fasterFrom(12_000, 4) }, 'speed', 1001],
  [
    'has sound of four times its speed after 12 s',
    { seconds: 60, raw: (truth, track) => (track === audio ? fasterFrom(12_000, 4)(truth, track) : truth) },
    'speed',
    1001,
  ],
])('the time of a source that %s follows the wall clock', (_what, options, fault, tolerance) => {
  const { fromWall, faults } = runClock(clockStream(options), 10_000)
  expect(faults).toHaveProperty(fault)
  expect(fromWall).toBeLessThanOrEqual(tolerance)
})

test.each([0.5, 0.8, 0.9, 1.1, 1.25, 1.5, 2])(
  'a clock of %d times the speed is within 1 s after 15 s',
  (speed) => {
    const { fromWall, faults } = runClock(clockStream({ seconds: 60, raw: (truth) => truth * speed }), 15_000)
    expect(faults).toHaveProperty('speed')
    expect(fromWall).toBeLessThanOrEqual(1000)
  },
)

test('pictures that stand still do not stop the sound', () => {
  const { fromWall, faults } = runClock(clockStream({ seconds: 60, raw: onlyVideo(() => 1000) }), 8000)
  expect(faults).toHaveProperty('stuck')
  expect(fromWall).toBeLessThanOrEqual(1000)
})

test.each([0.9997, 1.0003])('a clock that drifts (%d) is followed slowly', (speed) => {
  const { fromWall, betweenTracks, faults } = runClock(
    clockStream({ seconds: 900, raw: (truth) => truth * speed }),
  )
  expect(faults).toEqual({})
  expect(fromWall).toBeLessThanOrEqual(100)
  expect(betweenTracks).toBeLessThanOrEqual(20)
})

/**
 * Returns the delays, ms, of a network that carries nothing from 10 to 16 s, and then delivers at once what
 * waited. With `catchesUpSlowly` it carries nothing again until 19 s, and then delivers at 8/7 of real time.
 */
const networkStop =
  (catchesUpSlowly: boolean): TimeOf =>
  (truth) => {
    if (truth < 10_000) return 20
    if (truth < 16_000) return 16_000 - truth
    return catchesUpSlowly ? Math.max(20, 3000 - (truth - 16_000) / 8) : 20
  }

test.each([false, true])(
  'a network that stops for 6 s is no fault of the clock (slowly: %s)',
  (catchesUpSlowly) => {
    expect(runClock(clockStream({ seconds: 90, delay: networkStop(catchesUpSlowly) })).faults).toEqual({})
  },
)

test('frames that are left out, and a gap in which the clock runs, stay gaps', () => {
  const packets = clockStream({ seconds: 60 })
  const dropped = runClock(
    packets.filter(({ track, truth }) => track !== video || truth < 10_000 || truth > 14_000),
  )
  const gap = runClock(packets.filter(({ truth }) => truth < 10_000 || truth > 23_000))
  expect([dropped.faults, gap.faults]).toEqual([{}, {}])
  expect(gap.fromWall).toBeLessThanOrEqual(1)
})

test('a pause in which the clock stands still is made up for within some seconds', () => {
  const packets = clockStream({ seconds: 60 }).map((packet) =>
    packet.truth < 10_000 ? packet : { ...packet, arrivedAt: packet.arrivedAt + 8000 },
  )
  expect(runClock(packets).faults).toEqual({ pause: 1 })
  expect(runClock(packets, 24_000).fromWall).toBeLessThanOrEqual(100)
})

test('a small step back only holds the time of its track', () => {
  const { fromWall, faults } = runClock(clockStream({ raw: stepAt(8000, -30) }))
  expect(faults).toEqual({})
  expect(fromWall).toBeLessThanOrEqual(32)
})

test('a clock that keeps changing between two zeros is followed in both', () => {
  const { fromWall, gap } = runClock(
    clockStream({ raw: (truth) => (Math.floor(truth / 500) % 2 ? truth + 500_000 : truth) }),
  )
  expect(fromWall).toBeLessThanOrEqual(40)
  expect(gap).toBeLessThanOrEqual(100)
})

test('a burst at the beginning is not settled before it is over', () => {
  const clock = new SessionClock()
  for (let n = 0; n < 60; n++) clock.place(video, n * 33, 1e6 + n)
  expect(clock.isSettled(1e6 + 60)).toBe(false)
  expect(clock.isSettled(1e6 + 400)).toBe(true)
})
