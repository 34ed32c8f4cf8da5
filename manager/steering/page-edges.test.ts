import { expect, test } from 'vitest'
import { edgeReport } from '../../test/kit/edge-report.ts'
import { edgesForPage } from './page-edges.ts'

const usual = 'http://host.example:8088'

test('one edge, or none that is known, is what it always was', () => {
  expect(edgesForPage(usual, false, [], undefined)).toEqual([usual])
  expect(edgesForPage(usual, false, [edgeReport('a')], undefined)).toEqual([usual])
})

test('of several the page begins where the fewest watch, and knows the others', () => {
  const edges = [
    edgeReport('a', { viewers: 900 }),
    edgeReport('b', { viewers: 3 }),
    edgeReport('c', {}, 'draining'),
  ]
  expect(edgesForPage(usual, false, edges, undefined)).toEqual([
    'https://b.example',
    'https://a.example',
    'https://c.example',
  ])
})

test('where the operator named one URL for all, that comes first, unless that edge drains', () => {
  const given = 'https://a.example'
  const edges = (state: 'serving' | 'draining') => [edgeReport('a', { viewers: 900 }, state), edgeReport('b')]
  expect(edgesForPage('https://all.example', true, edges('serving'), undefined)[0]).toBe(
    'https://all.example',
  )
  expect(edgesForPage(given, true, edges('serving'), undefined)).toEqual([given, 'https://b.example'])
  expect(edgesForPage(given, true, edges('draining'), undefined)).toEqual(['https://b.example', given])
})
