import { describe, expect, test } from 'vitest'
import { Jitter } from './arrival.ts'
import { Bitrate } from './bitrate.ts'
import { FrameRate } from './frame-timing.ts'
import { GopLength } from './gop-length.ts'

/** Times of frames as RTMP tells them, rounded to whole ms. */
const frameTimes = (fps: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.round((i * 1000) / fps))

describe('frame rate', () => {
  test.each([10, 24, 25, 30, 50, 60])('of %d frames/s is guessed from five frames', (fps) => {
    const rate = new FrameRate()
    for (const time of frameTimes(fps, 5)) rate.add(time)
    expect(rate.guessed).toBe(fps)
    expect(rate.measured).toBeUndefined()
  })

  test.each([23.976, 24, 25, 29.97, 30, 59.94, 60])('of %d frames/s is measured', (fps) => {
    const rate = new FrameRate()
    for (const time of frameTimes(fps, 200)) rate.add(time)
    expect(rate.measured).toBeCloseTo(fps, 2)
  })

  test('an unusual rate is told as it is', () => {
    const rate = new FrameRate()
    for (const time of frameTimes(17.3, 200)) rate.add(time)
    expect(rate.measured).toBeCloseTo(17.3, 1)
  })

  test('a very slow one is guessed from two frames', () => {
    const rate = new FrameRate()
    for (const time of frameTimes(1, 2)) rate.add(time)
    expect(rate.guessed).toBe(1)
  })

  test('frames of one time give no rate', () => {
    const rate = new FrameRate()
    for (let i = 0; i < 100; i++) rate.add(5)
    expect(rate.guessed).toBeUndefined()
    expect(rate.measured).toBeUndefined()
  })
})

test('the bitrate follows the last seconds', () => {
  const rate = new Bitrate()
  expect(rate.bitsPerSecond).toBe(0)
  for (let time = 0; time < 10_000; time += 20) rate.add(time, 2500)
  expect(rate.bitsPerSecond / 1e6).toBeCloseTo(1, 1)
  for (let time = 10_000; time < 15_000; time += 20) rate.add(time, 10_000)
  expect(rate.bitsPerSecond / 1e6).toBeCloseTo(4, 1)
  rate.add(1_000_000, 100)
  expect(rate.bitsPerSecond).toBeLessThan(1000)
})

test('the longest of the last GOPs counts', () => {
  const gop = new GopLength()
  gop.keyframe(0)
  expect(gop.longest).toBeNull()
  for (const time of [2000, 6000, 8000]) gop.keyframe(time)
  expect(gop.longest).toBe(4000)
  for (let time = 9000; time < 15_000; time += 1000) gop.keyframe(time)
  expect(gop.longest).toBe(1000)
})

test('jitter is nothing for even packets and grows with uneven ones', () => {
  const even = new Jitter()
  const uneven = new Jitter()
  for (let i = 0; i < 200; i++) {
    even.add(i * 33, i * 33 + 500)
    uneven.add(i * 33, i * 33 + (i % 2) * 20)
  }
  expect(even.meanMs).toBe(0)
  expect(uneven.meanMs).toBeGreaterThan(15)
})
