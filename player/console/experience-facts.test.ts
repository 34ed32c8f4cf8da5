import { expect, test } from 'vitest'
import { experienceFactsOf } from './experience-facts.ts'

test('shows medians first and leaves out measures that no player reported', () => {
  const facts = experienceFactsOf({
    joinMs: { p50: 640, p95: 1800 },
    latencyMs: { p50: 1440, p95: 12_300 },
    bufferMs: null,
    bitrate: { p50: 2_500_000, p95: 4_100_000 },
    throughput: null,
    stallRatio: 0.00123,
  })
  expect(facts.map(({ label, value, detail }) => `${label}: ${value} (${detail})`)).toEqual([
    'Latency: 1.4 s (95th percentile 12 s)',
    'Join time: 0.6 s (95th percentile 1.8 s)',
    'Stalls: 0.12 % (of the time)',
    'Bitrate: 2.5 Mbps (95th percentile 4.1 Mbps)',
  ])
})
