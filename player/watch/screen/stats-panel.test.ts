import { expect, test } from 'vitest'
import { statsRows } from './stats-panel.ts'

test('the panel names what playback does and why', () => {
  const rows = statsRows({
    ageSeconds: 1.234,
    bufferSeconds: 0.8,
    distanceSeconds: 1.1,
    targetSeconds: 1,
    rate: 1.05,
    throughput: { fast: 8e6, slow: 5e6, safe: 5e6 },
    roundTripMs: 51.6,
    rendition: 480,
    next: 720,
    mode: 'parts',
    why: 'room above',
  })
  expect(Object.fromEntries(rows)).toMatchObject({
    'Age of the picture': '1.23 s',
    Link: '5.0 Mbit/s (8.0 Mbit/s now)',
    'Round trip': '52 ms',
    Rendition: '480p, then 720p',
    Why: 'room above',
  })
  expect(statsRows(undefined)).toEqual([['Playback', 'none']])
})
