import { expect, test } from 'vitest'
import type { HealthView, SampleView } from '../../core/api/health.ts'
import { figuresOf, graphPaths } from './numbers.ts'
import { wordsOf } from './words.ts'

const sample: SampleView = {
  at: '2026-05-01T10:00:00.000Z',
  ...{ videoBitrate: 6_000_000, audioBitrate: 160_000, frames: 60, missingFrames: 0 },
  ...{ gapMs: 30, lateMs: 20, jitterMs: 8, gopMs: 2000 },
}

const healthOf = (state: HealthView['state'], samples: SampleView[]): HealthView => ({
  ...{ sessionId: 's_one', channel: 'show', state, startedAt: sample.at, endedAt: null },
  ...{ verdict: 'good', issues: [], everyMs: 1000, samples },
})

test('the present numbers are of the newest seconds, those of a report of all', () => {
  const slow = { ...sample, videoBitrate: 1_000_000, frames: 15, gopMs: null, lateMs: 900 }
  const samples = [...Array.from({ length: 9 }, () => sample), slow, slow, slow]
  expect(figuresOf(healthOf('live', samples), wordsOf('en'))).toEqual([
    ['Bitrate', '1.0 Mbps'],
    ['Frame rate', '15 fps'],
    ['Keyframes', '–'],
    ['Sound', '160 kbps'],
    ['Jitter', '8 ms'],
    ['Late by', '900 ms'],
  ])
  expect(figuresOf(healthOf('ended', samples), wordsOf('ko')).slice(0, 2)).toEqual([
    ['비트레이트', '4.8 Mbps'],
    ['프레임레이트', '49 fps'],
  ])
  expect(figuresOf(healthOf('live', [sample]), wordsOf('ko'))[2]).toEqual(['키프레임', '2초마다'])
})

test('a graph has a point for each value, the highest near the top', () => {
  expect(graphPaths([5])).toEqual({ line: '', area: '' })
  expect(graphPaths([0, 10, 5])).toEqual({
    line: 'M0.0 120.0L300.0 12.0L600.0 66.0',
    area: 'M0.0 120.0L300.0 12.0L600.0 66.0L600 120L0 120Z',
  })
  expect(graphPaths([0, 0]).line).toBe('M0.0 120.0L600.0 120.0')
})
