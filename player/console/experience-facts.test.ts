import { expect, test } from 'vitest'
import { experienceFactsOf } from './experience-facts.ts'

test('medians first, what nobody told is left out', () => {
  const facts = experienceFactsOf({
    joinMs: { p50: 640, p95: 1800 },
    latencyMs: { p50: 1440, p95: 12_300 },
    bufferMs: null,
    bitrate: { p50: 2_500_000, p95: 4_100_000 },
    throughput: null,
    stallRatio: 0.00123,
  })
  expect(facts.map(({ label, value, detail }) => `${label}: ${value} (${detail})`)).toEqual([
    'Behind live: 1.4 s (95 % up to 12 s)',
    'Join time: 0.6 s (95 % up to 1.8 s)',
    'Stalls: 0.12 % (of the time)',
    'Watched at: 2.5 Mbps (95 % up to 4.1 Mbps)',
  ])
})
