import { describe, expect, test } from 'vitest'
import { SessionClock } from './session-clock.ts'

const audio = 8
const video = 9
const wrap = 0x1_0000_0000

describe('session clock', () => {
  test('passes orderly times through, with any beginning', () => {
    const clock = new SessionClock()
    const given = [
      [video, 500],
      [audio, 490],
      [video, 533],
      [audio, 512],
      [video, 566],
    ] as const
    expect(given.map(([track, time]) => clock.timeOf(track, time))).toEqual([500, 490, 533, 512, 566])
  })

  test('continues after the wrap of 32 bits', () => {
    const clock = new SessionClock()
    expect(clock.timeOf(video, wrap - 33)).toBe(wrap - 33)
    expect(clock.timeOf(audio, wrap - 10)).toBe(wrap - 10)
    expect(clock.timeOf(video, 0)).toBe(wrap)
    expect(clock.timeOf(audio, wrap - 1)).toBe(wrap - 1)
    expect(clock.timeOf(video, 33)).toBe(wrap + 33)
  })

  test('stands still for a small step back, in that track only', () => {
    const clock = new SessionClock()
    clock.timeOf(video, 1000)
    clock.timeOf(audio, 1000)
    expect(clock.timeOf(video, 990)).toBe(1000)
    expect(clock.timeOf(audio, 1021)).toBe(1021)
    expect(clock.timeOf(video, 1033)).toBe(1033)
  })

  test('continues from the newest time when timestamps start again, both tracks in sync', () => {
    const clock = new SessionClock()
    clock.timeOf(video, 60_000)
    clock.timeOf(audio, 60_020)
    expect(clock.timeOf(video, 0)).toBe(60_020)
    expect(clock.timeOf(audio, 21)).toBe(60_041)
    expect(clock.timeOf(video, 33)).toBe(60_053)
  })

  test('follows a jump forward, and the other track catches up', () => {
    const clock = new SessionClock()
    clock.timeOf(video, 1000)
    clock.timeOf(audio, 1000)
    expect(clock.timeOf(video, 100_000)).toBe(100_000)
    expect(clock.timeOf(audio, 1021)).toBe(1021)
    expect(clock.timeOf(audio, 100_010)).toBe(100_010)
  })
})
