import { expect, test } from 'vitest'
import { withFigures } from './readme-figures.ts'

const readme = 'before\n<!-- figures:start -->\nold\n<!-- figures:end -->\nafter\n'
const glass = `# Glass

| figure | measured | must | |
| --- | --- | --- | --- |
| glass to glass, p50 | 1063 ms | ≤ 1400 ms | holds |
| join time | 690 ms | ≤ 700 ms | holds |

A machine, 2 cores, Node v24.1.0, 2026-01-02; medians of 5
`
const edge = `# Edge

| figure | nowcast | nginx proxy_cache | ratio |
| --- | --- | --- | --- |
| 2000 connections, a new object: requests at the origin | 1  | 2  | 0.50 |

Another machine; medians of 5
`

const spike = `# Spike

| figure | a-origin | b-nginx | c-edge | noise |
| --- | --- | --- | --- | --- |
| knee, viewers | 200 (not 220) | 400 (not 440) | 1500 (not 1650) |  |

A third machine; curve idol
`

test('a figure of another column has the figure of the compared one beside it', () => {
  expect(withFigures(readme, (name) => (name === 'spike' ? spike : undefined))).toContain(
    '| 1500 (not 1650) (b-nginx: 400 (not 440)) | `npm run bench -- spike` |',
  )
})

test('the table has the figures of the results, the commands and the machines', () => {
  const results = new Map([
    ['glass-low', glass],
    ['edge-vs-nginx', edge],
  ])
  expect(withFigures(readme, (name) => results.get(name)).split('\n')).toEqual([
    'before',
    '<!-- figures:start -->',
    '| figure | measured | with |',
    '| --- | --- | --- |',
    '| glass to glass in Chromium, class `low`: median | 1063 ms | `npm run bench -- glass low` |',
    '| the same channel: join time, from opening the page to the first frame | 690 ms | `npm run bench -- glass low` |',
    '| 2000 connections request one new object: requests to the origin | 1 (nginx proxy_cache: 2) | `npm run bench -- edge-vs-nginx` |',
    '',
    '- `glass low`: A machine, 2 cores, Node v24.1.0, 2026-01-02',
    '- `edge-vs-nginx`: Another machine',
    '<!-- figures:end -->',
    'after',
    '',
  ])
})

test('a README without the marks is not changed', () => {
  expect(() => withFigures('no marks', () => undefined)).toThrow('README.md has no')
})
