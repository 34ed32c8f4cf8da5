import { expect, test } from 'vitest'
import { newExperience, sketchOf } from '../../core/contracts/experience.ts'
import { addValue } from '../../core/contracts/sketch.ts'
import { experienceView } from './channel-view.ts'

test('medians and 95th percentiles, and the fraction of stalls', () => {
  const experience = { ...newExperience(), stalledMs: 250, playedMs: 9750 }
  for (let latency = 1; latency <= 100; latency += 1)
    addValue(sketchOf(experience, 'latencyMs'), 1000 + latency * 10)
  const view = experienceView(experience)
  expect(view?.stallRatio).toBe(0.025)
  expect(Math.abs((view?.latencyMs?.p50 ?? 0) - 1500)).toBeLessThan(50)
  expect(Math.abs((view?.latencyMs?.p95 ?? 0) - 1950)).toBeLessThan(60)
  expect(view?.joinMs).toBeNull()
})

test('measures that no player reported are null', () => {
  expect(experienceView(undefined)).toBeNull()
  expect(experienceView(newExperience())?.stallRatio).toBeNull()
})
