import { expect, test } from 'vitest'
import { type ClockFault, SessionClock } from './session-clock.ts'

const [audio, video] = [8, 9]

interface Packet {
  track: number
  /** When it was captured, ms: what the session time should be. */
  truth: number
  raw: number
  arrivedAt: number
}

type TimeOf = (truth: number, track: number) => number

interface Stream {
  seconds?: number
  fps?: number
  /** Captured from this time on, ms; undefined for a track that is not there. */
  videoFrom?: number | undefined
  audioFrom?: number | undefined
  /** RTMP timestamp of what was captured. */
  raw?: TimeOf
  /** Time on the network, ms. */
  delay?: TimeOf
}

/** Packets of 30 pictures and 47 frames of sound a second, in the order of their arrival. */
function stream({ seconds = 40, fps = 30, ...options }: Stream): Packet[] {
  const { raw = (truth) => truth, delay = () => 20 } = options
  const videoFrom = 'videoFrom' in options ? options.videoFrom : 0
  const audioFrom = 'audioFrom' in options ? options.audioFrom : 0
  const times = (track: number, everyMs: number, from: number | undefined) =>
    from === undefined
      ? []
      : Array.from({ length: Math.ceil((seconds * 1000) / everyMs) }, (_, n) => ({
          track,
          truth: n * everyMs,
        }))
          .filter(({ truth }) => truth >= from)
          .map(({ truth }) => ({ track, truth, raw: Math.round(raw(truth, track)) >>> 0 }))
  let arrivedAt = 0
  return [...times(video, 1000 / fps, videoFrom), ...times(audio, 1024 / 48, audioFrom)]
    .sort((one, other) => one.truth - other.truth)
    .map((packet) => {
      arrivedAt = Math.max(arrivedAt, packet.truth + delay(packet.truth, packet.track))
      return { ...packet, arrivedAt }
    })
}

/** Runs packets through a clock, whose zero is fixed after 0.4 s, and measures from `settledMs` on. */
function run(packets: readonly Packet[], settledMs = 4000) {
  const faults: Partial<Record<ClockFault, number>> = {}
  const clock = new SessionClock(({ fault }) => {
    faults[fault] = (faults[fault] ?? 0) + 1
  })
  const last = new Map<number, number>()
  const error = new Map<number, number>()
  const worst = { fromWall: 0, betweenTracks: 0, gap: 0 }
  const [first] = packets
  let anchor: number | undefined
  for (const packet of packets) {
    const time = clock.place(packet.track, packet.raw, 1e6 + packet.arrivedAt)
    const before = last.get(packet.track)
    if (packet === first) expect(time).toBe(0)
    expect(time).toBeGreaterThanOrEqual(before ?? 0)
    expect(Number.isInteger(time)).toBe(true)
    if (before !== undefined) worst.gap = Math.max(worst.gap, time - before)
    last.set(packet.track, time)
    const elapsed = packet.arrivedAt - (first?.arrivedAt ?? 0)
    if (elapsed >= 400) anchor ??= clock.anchor()
    if (anchor === undefined || elapsed < settledMs) continue
    error.set(packet.track, time - packet.truth)
    worst.fromWall = Math.max(worst.fromWall, Math.abs(time - (1e6 + packet.arrivedAt - anchor)))
    const errors = [...error.values()]
    worst.betweenTracks = Math.max(worst.betweenTracks, Math.max(...errors) - Math.min(...errors))
  }
  return { ...worst, faults }
}

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
  const { betweenTracks, faults } = run(stream(options))
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
])('a source that %s goes on without a gap', (_what, options, fault) => {
  const { fromWall, betweenTracks, gap, faults } = run(stream(options))
  expect(faults).toEqual({ [fault]: 1 })
  expect(fromWall).toBeLessThanOrEqual(40)
  expect(betweenTracks).toBeLessThanOrEqual(40)
  expect(gap).toBeLessThanOrEqual(100)
})

test.each([audio, video])('one late packet of the clock before a step changes nothing', (track) => {
  const packets = stream({ raw: (truth) => (truth < 8000 ? truth + 3 * hour : truth - 8000) })
  const at = packets.findIndex((packet) => packet.truth >= 8050)
  const { arrivedAt = 0 } = packets[at] ?? {}
  const late = { track, truth: 8010, raw: 3 * hour + 8010, arrivedAt }
  const { fromWall, gap, faults } = run(packets.toSpliced(at, 0, late))
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
])('the time of a source that %s follows the wall clock', (_what, options, fault, tolerance) => {
  const { fromWall, faults } = run(stream(options), 10_000)
  expect(faults).toHaveProperty(fault)
  expect(fromWall).toBeLessThanOrEqual(tolerance)
})

test('pictures that stand still do not stop the sound', () => {
  const { fromWall, faults } = run(stream({ seconds: 60, raw: onlyVideo(() => 1000) }), 8000)
  expect(faults).toHaveProperty('stuck')
  expect(fromWall).toBeLessThanOrEqual(1000)
})

test.each([0.9997, 1.0003])('a clock that drifts (%d) is followed slowly for an hour', (speed) => {
  const { fromWall, betweenTracks, faults } = run(stream({ seconds: 3600, raw: (truth) => truth * speed }))
  expect(faults).toEqual({})
  expect(fromWall).toBeLessThanOrEqual(100)
  expect(betweenTracks).toBeLessThanOrEqual(20)
})

/** A network that stops from 10 to 16 s. Then everything arrives at once, or at 8/7 of real time. */
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
    expect(run(stream({ seconds: 90, delay: networkStop(catchesUpSlowly) })).faults).toEqual({})
  },
)

test('frames that are left out, and a gap in which the clock runs, stay gaps', () => {
  const packets = stream({ seconds: 60 })
  const dropped = run(
    packets.filter(({ track, truth }) => track !== video || truth < 10_000 || truth > 14_000),
  )
  const gap = run(packets.filter(({ truth }) => truth < 10_000 || truth > 23_000))
  expect([dropped.faults, gap.faults]).toEqual([{}, {}])
  expect(gap.fromWall).toBeLessThanOrEqual(1)
})

test('a pause in which the clock stands still is made up for within some seconds', () => {
  const packets = stream({ seconds: 60 }).map((packet) =>
    packet.truth < 10_000 ? packet : { ...packet, arrivedAt: packet.arrivedAt + 8000 },
  )
  expect(run(packets).faults).toEqual({ pause: 1 })
  expect(run(packets, 24_000).fromWall).toBeLessThanOrEqual(100)
})

test('a small step back only holds the time of its track', () => {
  const { fromWall, faults } = run(stream({ raw: stepAt(8000, -30) }))
  expect(faults).toEqual({})
  expect(fromWall).toBeLessThanOrEqual(32)
})

test('a clock that keeps changing between two zeros is followed in both', () => {
  const { fromWall, gap } = run(
    stream({ raw: (truth) => (Math.floor(truth / 500) % 2 ? truth + 500_000 : truth) }),
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
