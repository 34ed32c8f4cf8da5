import { expect, test } from 'vitest'
import { barChart, escapeHtml, lineChart, shortNumber, ticksTo } from './chart.ts'

test.each([
  [0, [0, 1]],
  [1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [434, [0, 100, 200, 300, 400, 500]],
  [24_100, [0, 5000, 10_000, 15_000, 20_000, 25_000]],
])('an axis up to %i has round values from 0 on', (max, ticks) => {
  const found = ticksTo(max)
  expect(found).toHaveLength(ticks.length)
  for (const [index, tick] of ticks.entries()) expect(found[index]).toBeCloseTo(tick)
})

test('numbers are short', () => {
  expect([0.0123, 434, 24_100, 12_000_000].map(shortNumber)).toEqual(['0.0123', '434', '24.1 k', '12 M'])
})

test('lines differ without colour, and points that are not numbers are left out', () => {
  const points = Array.from({ length: 20 }, (_, x): [number, number] => [x, x === 3 ? Number.NaN : x])
  const chart = lineChart({
    title: 'a < b',
    xLabel: 's',
    yLabel: 'viewers',
    series: ['one', 'two'].map((name) => ({ name, points })),
    limit: { value: 5, name: 'must' },
  })
  expect(chart).not.toContain('NaN')
  expect(chart).toContain('a &#60; b')
  expect(chart.match(/<polyline/g)).toHaveLength(2)
  expect(new Set(chart.match(/stroke-dasharray="[^"]*"/g)).size).toBe(2)
})

test('a bar has a hatched part where the true value may be', () => {
  const bars = [
    { name: 'a', value: 200, upTo: 400, label: '200' },
    { name: 'b', value: 300, upTo: 300, label: '300' },
  ]
  expect(barChart('knee', 'viewers', bars).match(/url\(#hatch\)/g)).toHaveLength(1)
})

test('text cannot become markup', () => {
  expect(escapeHtml('<script>&"')).not.toMatch(/[<>"]/)
})
