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

test('no part is too long, whichever frame of a segment is the first that the publisher drops', async () => {
  const losses = Array.from({ length: 60 }, (_, frame) => ({
    ...({ kind: 'lost', tracks: 'video', seconds: 4 } as const),
    at: 10 * (frame + 1) + (frame - 0.5) / 30,
  }))
  const events = [{ kind: 'gop', seconds: 1, at: 1 } as const, ...losses]
  const { renditions } = await simulate({ seconds: 620, events, seed: 1 })
  expect(renditions.get('352p')?.longestPart).toBeLessThanOrEqual(1)
})
