import { expect, test } from 'vitest'
import { readCurve } from '../../spike/curves/curve.ts'
import { planViewers } from '../../spike/curves/plan.ts'
import { phasesOf } from './artillery.ts'

test('a curve is one phase for each second, with pauses where no viewer arrives', () => {
  const options = { viewers: 1000, seed: 1, gatherMs: 2000, settleMs: 2000 }
  const phases = phasesOf(planViewers(readCurve('idol'), options))
  expect(phases).toHaveLength(14)
  expect(phases.slice(0, 4)).toEqual([
    { duration: 1, arrivalRate: 50 },
    { duration: 1, arrivalRate: 50 },
    { pause: 1 },
    { pause: 1 },
  ])
  const rates = phases.map((phase) => ('arrivalRate' in phase ? phase.arrivalRate : 0))
  expect(rates.reduce((sum, rate) => sum + rate)).toBe(1000)
  expect(Math.max(...rates)).toBe(rates[4])
})
