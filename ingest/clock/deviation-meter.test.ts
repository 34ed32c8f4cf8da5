import { expect, test } from 'vitest'
import { type Deviation, DeviationMeter } from './deviation-meter.ts'

interface Run {
  seconds?: number
  /** Session time that passes in each ms of the wall clock. */
  speed?: number
  rawSpeed?: number
  /** Returns how late a packet is, ms. `ms` is its time since the start. */
  lateness?: (ms: number) => number
  /** Whether a packet never arrives. `ms` is its time since the start. */
  isMissing?: (ms: number) => boolean
}

/** Passes a packet every 20 ms to a meter. Returns the meter, and the result and end of each window. */
function windows({ seconds = 10, speed = 1, rawSpeed = speed, lateness = () => 0, isMissing }: Run) {
  const meter = new DeviationMeter()
  const ended: (Deviation & { atMs: number })[] = []
  for (let ms = 0; ms <= seconds * 1000; ms += 20) {
    if (isMissing?.(ms)) continue
    const time = ms * speed - lateness(ms)
    if (meter.add(time - ms, time, ms * rawSpeed, 1e6 + ms)) ended.push({ ...meter.last, atMs: ms })
  }
  return { meter, ended }
}

test('a window is 3 s, and knows the speed of the clock', () => {
  const { ended } = windows({ rawSpeed: 2 })
  expect(ended.map(({ atMs }) => atMs)).toEqual([3000, 6020, 9040])
  expect(ended[0]).toMatchObject({ off: 0, ahead: 0, speed: 1, rawSpeed: 2, formerRawSpeed: 1 })
  expect(ended[1]).toMatchObject({ rawSpeed: 2, formerRawSpeed: 2 })
})

test('late packets are those of the network, as long as any is in time', () => {
  expect(windows({ lateness: (ms) => (ms % 1000 === 0 ? 0 : 400) }).ended[0]?.off).toBe(0)
  expect(windows({ lateness: (ms) => 200 + (ms % 100) }).ended[0]?.off).toBe(-200)
})

test('media that is always early is off by the least of it', () => {
  expect(windows({ lateness: (ms) => -300 - (ms % 100) }).ended[0]?.off).toBe(300)
})

test('a clock that is too fast is judged after a second, when it is far ahead', () => {
  const [first] = windows({ speed: 2 }).ended
  expect(first?.atMs).toBe(1000)
  expect(first).toMatchObject({ off: 1000, ahead: 1000, speed: 2 })
  expect(windows({ speed: 1.02 }).ended[0]?.atMs).toBe(3000)
})

test('a pause begins another window', () => {
  const { ended } = windows({ isMissing: (ms) => ms > 2000 && ms < 3500 })
  expect(ended[0]?.atMs).toBe(6500)
})

test('the window in progress counts after half a second, the one before until then', () => {
  const { meter } = windows({ seconds: 3.2, lateness: (ms) => (ms > 3000 ? 500 : 100) })
  expect(meter.offAt(1e6 + 3200)).toBe(-100)
  for (let ms = 3220; ms < 3800; ms += 20) meter.add(-500, ms - 500, ms, 1e6 + ms)
  expect(meter.offAt(1e6 + 3800)).toBe(-500)
})

test('a shift of session time changes neither speed nor the window', () => {
  const meter = new DeviationMeter()
  for (let ms = 0; ms < 1500; ms += 20) meter.add(-900, ms - 900, ms, ms)
  meter.shift(900)
  for (let ms = 1500; ms <= 3000; ms += 20) meter.add(0, ms, ms, ms)
  expect(meter.last).toMatchObject({ off: 0, speed: 1 })
})

test('a restart forgets the window in progress', () => {
  const meter = new DeviationMeter()
  for (let ms = 0; ms < 2900; ms += 20) meter.add(0, ms, ms, ms)
  meter.restart()
  for (let ms = 2900; ms <= 5880; ms += 20) expect(meter.add(0, ms, ms, ms)).toBe(false)
  expect(meter.add(0, 5900, 5900, 5900)).toBe(true)
})
