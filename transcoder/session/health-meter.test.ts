import { expect, test } from 'vitest'
import { createHealthMeter } from './health-meter.ts'

/** Samples every 250 ms from `from` to `to`, in s. `lagAt` returns the lag in ms at a time in s. */
function run(
  meter: ReturnType<typeof createHealthMeter>,
  from: number,
  to: number,
  lagAt: (seconds: number) => number,
) {
  const healths = []
  for (let now = from * 1000; now <= to * 1000; now += 250)
    healths.push({ now, ...meter.sample({ now, sourceMs: now, mediaEndMs: now - lagAt(now / 1000) }) })
  return healths
}

test('parts that come regularly are not a lag', () => {
  const healths = run(createHealthMeter(333), 0, 20, (s) => (s * 1000) % 333)
  expect(healths.every(({ overloaded }) => !overloaded)).toBe(true)
  expect(healths.at(-1)?.speed).toBeCloseTo(1, 0)
})

test('falling behind is reported before two parts are missing, once', () => {
  const meter = createHealthMeter(333)
  run(meter, 0, 10, () => 200)
  // From here on the transcode is 20 % slower than real time.
  const healths = run(meter, 10, 20, (s) => 200 + (s - 10) * 200)
  const first = healths.find(({ overloaded }) => overloaded)
  expect(first?.behindMs).toBeLessThan(333 * 4)
  expect(healths.at(-1)).toMatchObject({ overloaded: true, speed: 0.8 })
})

test('the state changes back only after the transcode was on time for a while', () => {
  const meter = createHealthMeter(333)
  run(meter, 0, 5, (s) => s * 400)
  const catchingUp = run(meter, 5.25, 8, () => 200)
  expect(catchingUp.at(-1)?.overloaded).toBe(true)
  const calm = run(meter, 8.25, 12, () => 200)
  expect(calm.at(-1)?.overloaded).toBe(false)
})

test('a lag that shrinks is not an overload: a start, or the end of a hiccup', () => {
  const healths = run(createHealthMeter(333), 0, 8, (s) => Math.max(100, 4000 - s * 500))
  expect(healths.every(({ overloaded }) => !overloaded)).toBe(true)
})

test('a source that sends nothing is not an overload', () => {
  const meter = createHealthMeter(333)
  run(meter, 0, 5, () => 100)
  let health = meter.sample({ now: 5250, sourceMs: 5000, mediaEndMs: 4900 })
  for (let now = 5500; now < 15_000; now += 250)
    health = meter.sample({ now, sourceMs: 5000, mediaEndMs: 4900 })
  expect(health).toEqual({ speed: 0, behindMs: 100, overloaded: false })
})
