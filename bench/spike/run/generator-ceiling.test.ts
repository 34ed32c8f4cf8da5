import { expect, test } from 'vitest'
import { ceilingText, type GeneratorCeiling } from './generator-ceiling.ts'

const measured: GeneratorCeiling = {
  mode: 'low-latency',
  ...{ viewers: 1000, requestsPerSecond: 12_500, usedCore: 0.25, serverCore: 0.2, kernelShare: 0.4 },
  ...{ heldShare: 0.03, msPerViewerSecond: 0.25, lagMs: 20, joinP95Ms: 100, stalls: 0, failures: 0 },
}

test('the ceiling is the number of viewers whose CPU time is 95 % of a core', () => {
  expect(ceilingText(measured)).toMatch(/^low-latency: about 3800 viewers;/)
})

test('a measurement that other programs or failures spoiled has no ceiling', () => {
  expect(ceilingText({ ...measured, heldShare: 0.8 })).toMatch(/^low-latency: not known;.*80 % of the time/)
  expect(ceilingText({ ...measured, failures: 2 })).toMatch(/^low-latency: not known;.*2 failures/)
})
