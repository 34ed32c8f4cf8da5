import { expect, test } from 'vitest'
import { type Conditions, createSchedule, type Phase } from '../../link/conditions.ts'
import type { LoggedFrame } from '../../stand/frame-log.ts'
import { profiles } from './profiles.ts'
import { type RunFacts, viewFigures } from './view-figures.ts'

const ladder = [
  { height: 240, kbps: 500 },
  { height: 720, kbps: 4000 },
]
const linkedAt = 1_000_000
const conditions: Conditions = {
  downKbps: 10_000,
  upKbps: 10_000,
  rttMs: 20,
  jitterMs: 0,
  loss: 0,
  queueBytes: 100_000,
  congestion: 'bbr',
  address: '127.0.0.1',
}

/** Returns frames every 40 ms for each stretch. A stretch with a height of 0 has no frames. */
function framesOf(
  stretches: readonly (readonly [height: number, seconds: number])[],
  rate = 1,
): LoggedFrame[] {
  const frames: LoggedFrame[] = []
  let at = linkedAt + 1000
  for (const [height, seconds] of stretches) {
    const end = at + seconds * 1000
    for (; at < end; at += 40) if (height > 0) frames.push({ at, ageMs: 1000, height, rate })
  }
  return frames
}

function facts(frames: LoggedFrame[], seconds: number, phases: Phase[] = []): RunFacts {
  const first = frames[0]?.at ?? 0
  return {
    log: { navigated: linkedAt, opened: linkedAt, first, frames },
    linkedAt,
    endedAt: first + seconds * 1000,
    schedule: createSchedule({ base: conditions, phases }),
    ladder,
    requests: [linkedAt, linkedAt + 500, linkedAt + 1500],
  }
}

test('a view without trouble has no stalls, all of the bitrate, and a score below 1 by its latency', () => {
  const figures = viewFigures(facts(framesOf([[720, 10]]), 10))
  expect(figures).toMatchObject({ joinMs: 1000, topMs: 0, stalls: 0, stalledShare: 0, joinRequests: 2 })
  expect(figures).toMatchObject({ ageP50Ms: 1000, playedKbps: 4000, carriedShare: 1, switchesUp: 0 })
  expect(figures.score).toBeCloseTo(1 - (0.05 * 500) / 4000, 6)
})

test('stalls and switches are found, and cost score', () => {
  const frames = framesOf([
    [240, 4],
    [0, 2],
    [720, 4],
  ])
  const figures = viewFigures(facts(frames, 10))
  expect(figures).toMatchObject({ stalls: 1, longestStallMs: 2040, topMs: 6000, upGapMs: 2040 })
  expect(figures).toMatchObject({ switchesUp: 1, switchesDown: 0 })
  expect(figures.stalledShare).toBeCloseTo(0.204, 6)
  expect(figures.playedKbps).toBeCloseTo(0.396 * 500 + 0.4 * 4000, 6)
  const played = 3.96 * 500 + 4 * 4000
  expect(figures.score).toBeCloseTo((played - 2.04 * 4000 - 10 * 25 - 3500) / 10 / 4000, 6)
})

test.each([
  ['a gap that begins when the link has become too slow is no effect of a switch up', 5000, 40],
  ['a gap that began before that is one', 5400, 1440],
])('%s', (_, slowAtMs, upGapMs) => {
  const frames = framesOf([
    [240, 3],
    [720, 1.2],
    [0, 1.4],
    [720, 2],
  ])
  const phases = [{ seconds: slowAtMs / 1000 }, { seconds: 2, downKbps: 600 }, { seconds: 100 }]
  expect(viewFigures(facts(frames, 8, phases)).upGapMs).toBe(upGapMs)
})

test('latency above 1.6 s and another playback rate cost score', () => {
  const late = framesOf([[720, 10]], 1.1).map((frame) => ({ ...frame, ageMs: 2000 }))
  expect(viewFigures(facts(late, 10)).score).toBeCloseTo(1 - 0.1 * 2 - (0.1 * 500) / 4000, 6)
})

test('what the link could have carried follows its rate', () => {
  const phases = [{ seconds: 6, downKbps: 600 }, { seconds: 100 }]
  const figures = viewFigures(facts(framesOf([[240, 10]]), 10, phases))
  expect(figures.carriedShare).toBeCloseTo(500 / (0.5 * 500 + 0.5 * 4000), 6)
})

test('the return after outages and dips is measured from the return of the link', () => {
  const phases = [{ seconds: 5 }, { seconds: 2, downKbps: 0 }, { seconds: 100 }]
  const frames = framesOf([
    [720, 5],
    [0, 1.4],
    [240, 1.6],
    [720, 2],
  ])
  const dip = { fromMs: 5000, backMs: 7000 }
  const figures = viewFigures({ ...facts(frames, 10, phases), dip })
  expect(figures.recoveryMs).toBe(400)
  expect(figures.restoredMs).toBe(2000)
})

test('what never happens is infinite', () => {
  const figures = viewFigures(facts(framesOf([[240, 10]]), 10))
  expect(figures.topMs).toBe(Number.POSITIVE_INFINITY)
})

test('all profiles last as long as their phases, and end with a network', () => {
  for (const { schedule, seconds } of Object.values(profiles)) {
    const { lengthMs, at } = createSchedule(schedule)
    if (schedule.repeats) expect(seconds * 1000).toBeGreaterThanOrEqual(lengthMs)
    expect(at(seconds * 1000 + 5000).downKbps).toBeGreaterThan(0)
  }
})
