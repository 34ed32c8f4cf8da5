import { describe, expect, test } from 'vitest'
import { SessionClock } from './session-clock.ts'

const audio = 8
const video = 9
const wrap = 0x1_0000_0000

describe('timeline', () => {
  test('passes orderly times through, whatever they begin with', () => {
    const timeline = new SessionClock()
    const given = [
      [video, 500],
      [audio, 490],
      [video, 533],
      [audio, 512],
      [video, 566],
    ] as const
    expect(given.map(([track, time]) => timeline.place(track, time))).toEqual([500, 490, 533, 512, 566])
  })

  test('goes on over the wrap of 32 bits', () => {
    const timeline = new SessionClock()
    expect(timeline.place(video, wrap - 33)).toBe(wrap - 33)
    expect(timeline.place(audio, wrap - 10)).toBe(wrap - 10)
    expect(timeline.place(video, 0)).toBe(wrap)
    expect(timeline.place(audio, wrap - 1)).toBe(wrap - 1)
    expect(timeline.place(video, 33)).toBe(wrap + 33)
  })

  test('holds still for a small step back, in that track alone', () => {
    const timeline = new SessionClock()
    timeline.place(video, 1000)
    timeline.place(audio, 1000)
    expect(timeline.place(video, 990)).toBe(1000)
    expect(timeline.place(audio, 1021)).toBe(1021)
    expect(timeline.place(video, 1033)).toBe(1033)
  })

  test('goes on from the newest time when the clock begins anew, both tracks in step', () => {
    const timeline = new SessionClock()
    timeline.place(video, 60_000)
    timeline.place(audio, 60_020)
    expect(timeline.place(video, 0)).toBe(60_020)
    expect(timeline.place(audio, 21)).toBe(60_041)
    expect(timeline.place(video, 33)).toBe(60_053)
  })

  test('follows a jump forward, and the other track catches up', () => {
    const timeline = new SessionClock()
    timeline.place(video, 1000)
    timeline.place(audio, 1000)
    expect(timeline.place(video, 100_000)).toBe(100_000)
    expect(timeline.place(audio, 1021)).toBe(1021)
    expect(timeline.place(audio, 100_010)).toBe(100_010)
  })
})
