import { expect, test } from 'vitest'
import { dayEvents } from '../kit/day/day-source.ts'
import { simulate } from '../kit/day/simulation.ts'

test('wraps, steps, pauses and losses within three minutes leave playlists right', async () => {
  const seconds = 180
  const result = await simulate({ seconds, events: dayEvents(seconds), seed: 1 })
  expect(result).toMatchObject({ ended: undefined, backwards: 0, epochs: 3 })
  expect([...result.renditions.keys()]).toEqual(['352p', 'audio'])
  for (const findings of result.renditions.values()) {
    expect(findings).toMatchObject({ missing: 0, gaps: 0, discontinuities: 2, discontinuitiesInside: 0 })
    expect(findings.segments).toBeGreaterThan(85)
    expect(findings.dateStepMs).toBeLessThan(1.5)
    expect(findings.dateErrorMs).toBeLessThan(1000)
    expect(findings.longestPart).toBeLessThanOrEqual(1)
    expect(findings.longestSegment).toBeLessThanOrEqual(1)
  }
})
