import { expect, test } from 'vitest'
import type { Claim } from '../architectures/architecture.ts'
import type { KneeResult } from '../run/campaign.ts'
import type { RunResult } from '../run/result.ts'
import { judge, scaled } from './hypotheses.ts'

const found = (id: string, viewers: number, upTo: number, perVersion = 1): KneeResult => ({
  architecture: {
    ...{ id, name: id, about: '', layers: [], isLowLatency: true, hypothesis: '', claims: [] },
    expectedKnee: 100,
  },
  knee: { viewers, upTo },
  runs: [
    { viewers, originPerVersion: perVersion, isGeneratorLimited: false },
    { viewers: upTo, originPerVersion: perVersion, isGeneratorLimited: false },
  ] as RunResult[],
  configs: {},
})
const origin = found('a', 100, 110)
const tenTimes: Claim = { figure: 'knee', atLeast: 10, times: 'a' }

test.each([
  ['a knee that is surely ten times as large', found('c', 1200, 1300), 'holds'],
  ['one that surely is not', found('c', 400, 500), 'refuted'],
  ['one that may be or not', found('c', 1000, 1100), 'open'],
  ['one that no crowd reached', found('c', 900, Number.POSITIVE_INFINITY), 'open'],
])('%s: the claim of ten times %s', (_, edge, state) => {
  expect(judge(tenTimes, edge, [origin, edge]).state).toBe(state)
})

test('a claim about an architecture that was not measured is not judged', () => {
  expect(judge(tenTimes, origin, [found('b', 1, 2)]).state).toBe('not measured')
})

test('a figure without a comparison has a limit of its own', () => {
  const claim: Claim = { figure: 'originPerVersion', atMost: 1 }
  expect(judge(claim, found('c', 100, 110, 1.01), []).state).toBe('holds')
  expect(judge(claim, found('c', 100, 110, 1.5), []).state).toBe('refuted')
})

test('a limit of a knee is for a whole core, a comparison of knees is not', () => {
  expect(scaled({ figure: 'knee', atMost: 500 }, 0.5)).toEqual({ figure: 'knee', atMost: 250 })
  expect(scaled(tenTimes, 0.5)).toBe(tenTimes)
})
