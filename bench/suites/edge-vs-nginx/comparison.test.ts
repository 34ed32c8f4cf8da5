import { expect, test } from 'vitest'
import { comparisonFigures } from './comparison.ts'

const samples = { nowcast: [3, 1, 2], nginx: [5, 6, 4], tuned: [] }

test('each contender that was measured has a figure with its repeats', () => {
  const figures = comparisonFigures({ name: 'p99', unit: 'ms', ...samples })
  expect(figures).toEqual([
    { name: 'p99, nowcast', unit: 'ms', value: 2, repeats: [3, 1, 2], better: 'lower' },
    { name: 'p99, nginx', unit: 'ms', value: 5, repeats: [5, 6, 4] },
  ])
})

test('the direction of a figure follows from what it must be', () => {
  const [rate] = comparisonFigures({ name: 'rate', unit: '', ...samples, must: { ratioAtLeast: 1.2 } })
  expect(rate).toMatchObject({ better: 'higher' })
  const [requests] = comparisonFigures({ name: 'requests', unit: '', ...samples, must: { atMost: 1 } })
  expect(requests).toMatchObject({ atMost: 1 })
})
