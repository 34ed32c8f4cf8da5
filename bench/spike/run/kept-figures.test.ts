import { expect, test } from 'vitest'
import { compareFigures } from '../../compare/comparison.ts'
import { evaluate } from '../report/campaign-result.ts'
import { readRecord } from '../report/record.ts'
import { keptFigures } from './kept-figures.ts'

const { knees, same } = evaluate(readRecord('bench/spike/report/recorded'))
const figures = keptFigures(knees, same)

const counted = same.filter(({ isVoid }) => isVoid === undefined)

test('repeated runs are figures with repeats, and the others have a noise', () => {
  const repeated = figures.filter(({ repeats }) => repeats !== undefined)
  expect(repeated.length).toBeGreaterThan(10)
  expect(repeated.every(({ repeats = [] }) => repeats.length === counted.length)).toBe(true)
  expect(figures.every(({ repeats, noise }) => repeats !== undefined || noise !== undefined)).toBe(true)
})

test('figures have different names, and those that depend on the crowd have its size', () => {
  const names = figures.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toContain('c-edge: knee')
  expect(names).toContain("c-edge, idol, 40 viewers: newcomers' join, p95")
  expect(names).toContain('c-edge, idol: CPU for each viewer-hour')
})

test('a smaller knee is worse when it is outside of what the search distinguishes', () => {
  const verdictOf = (id: string, factor: number) => {
    const after = knees.map((each) => {
      const { viewers, upTo } = each.knee
      return { ...each, knee: { viewers: viewers * factor, upTo: upTo * factor } }
    })
    const compared = compareFigures(figures, keptFigures(after, same))
    return compared.find(({ name }) => name === `${id}: knee`)?.verdict
  }
  // This one is 40 and not 60.
  expect([0.9, 0.4, 3].map((factor) => verdictOf('e-classic-edge', factor))).toEqual([
    'same',
    'worse',
    'better',
  ])
  // No crowd was too large for this one.
  expect(verdictOf('c-edge', 0.5)).toBe('unknown')
})
