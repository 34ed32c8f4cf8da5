import { expect, test } from 'vitest'
import { edgeReport } from '../../test/kit/edge/edge-report.ts'
import { rankEdges } from './edge-choice.ts'

const middle = () => 0.5
const names = (ranked: { pathway: string }[]) => ranked.map(({ pathway }) => pathway)

test('a viewer stays at their edge, even if others are idle', () => {
  const edges = [edgeReport('full', { viewers: 5000 }), edgeReport('empty')]
  expect(names(rankEdges(edges, 'full', middle))).toEqual(['full', 'empty'])
})

test('a new viewer goes to the edge with the fewest viewers', () => {
  const edges = [
    edgeReport('full', { viewers: 5000 }),
    edgeReport('half', { viewers: 2500 }),
    edgeReport('empty'),
  ]
  expect(names(rankEdges(edges, undefined, middle))).toEqual(['empty', 'half', 'full'])
})

test('viewers leave a draining edge, which stays the last resort', () => {
  const edges = [edgeReport('old', {}, 'draining'), edgeReport('new', { viewers: 9000 })]
  expect(names(rankEdges(edges, 'old', middle))).toEqual(['new', 'old'])
})

test('an overloaded edge gets no new viewers and gradually loses some', () => {
  const edges = [edgeReport('busy', { overload: 3 }), edgeReport('other', { viewers: 10 })]
  expect(names(rankEdges(edges, undefined, middle))).toEqual(['other', 'busy'])
  const draws = Array.from({ length: 1000 }, (_, i) => i / 1000)
  const left = draws.filter((draw) => rankEdges(edges, 'busy', () => draw)[0]?.pathway === 'other')
  expect(left.length).toBe(100)
})

test('a crowd that arrives at once is spread over equal edges', () => {
  const edges = [edgeReport('a', { viewers: 100 }), edgeReport('b', { viewers: 100 })]
  const first = Array.from({ length: 400 }, () => rankEdges(edges, undefined)[0]?.pathway)
  expect(first.filter((pathway) => pathway === 'a').length).toBeGreaterThan(100)
  expect(first.filter((pathway) => pathway === 'b').length).toBeGreaterThan(100)
})
