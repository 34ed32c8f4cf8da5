import { expect, test } from 'vitest'
import { edgeReport } from '../../test/kit/edge/edge-report.ts'
import { edgesForPage } from './watch-address.ts'

const usual = 'http://host.example:8088'

test('with at most one known edge the page uses the usual URL', () => {
  expect(edgesForPage(usual, false, [], undefined)).toEqual([usual])
  expect(edgesForPage(usual, false, [edgeReport('a')], undefined)).toEqual([usual])
})

test('with several edges the page prefers the one with the fewest viewers and knows the others', () => {
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

test('a URL set by the operator comes first, unless that edge drains', () => {
  const configured = 'https://a.example'
  const edges = (state: 'serving' | 'draining') => [edgeReport('a', { viewers: 900 }, state), edgeReport('b')]
  expect(edgesForPage('https://all.example', true, edges('serving'), undefined)[0]).toBe(
    'https://all.example',
  )
  expect(edgesForPage(configured, true, edges('serving'), undefined)).toEqual([
    configured,
    'https://b.example',
  ])
  expect(edgesForPage(configured, true, edges('draining'), undefined)).toEqual([
    'https://b.example',
    configured,
  ])
})
