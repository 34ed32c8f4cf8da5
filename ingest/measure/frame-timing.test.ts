import { describe, expect, test } from 'vitest'
import { FrameRate, GopLength } from './frame-timing.ts'

/** Returns the times of frames as RTMP carries them, in whole ms. */
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

  test('an unusual rate stays as it is', () => {
    const rate = new FrameRate()
    for (const time of frameTimes(17.3, 200)) rate.add(time)
    expect(rate.measured).toBeCloseTo(17.3, 1)
  })

  test('a very slow rate is guessed from two frames', () => {
    const rate = new FrameRate()
    for (const time of frameTimes(1, 2)) rate.add(time)
    expect(rate.guessed).toBe(1)
  })

  test('frames that arrive at once have no plausible rate, but a recent one', () => {
    const rate = new FrameRate()
    expect(rate.recent).toBe(0)
    for (let i = 0; i < 100; i++) rate.add(i)
    expect([rate.guessed, rate.measured]).toEqual([undefined, undefined])
    expect(rate.recent).toBe(1000)
  })

  test('a slide every 10 s has a rate', () => {
    const rate = new FrameRate()
    for (const time of frameTimes(0.1, 2)) rate.add(time)
    expect(rate.guessed).toBe(0.1)
  })

  test('frames of the same time have no rate', () => {
    const rate = new FrameRate()
    for (let i = 0; i < 100; i++) rate.add(5)
    expect(rate.guessed).toBeUndefined()
    expect(rate.measured).toBeUndefined()
  })
})

test('the longest of the last GOPs counts', () => {
  const gop = new GopLength()
  gop.addKeyframe(0)
  expect(gop.longest).toBeNull()
  for (const time of [2000, 6000, 8000]) gop.addKeyframe(time)
  expect(gop.longest).toBe(4000)
  for (let time = 9000; time < 15_000; time += 1000) gop.addKeyframe(time)
  expect(gop.longest).toBe(1000)
})
