import { expect, test } from 'vitest'
import { attribute, causeOf, longestOfEach } from './attribution.ts'
import type { Stall } from './viewers/stall.ts'

const events = [
  { name: 'first', startedAt: 1000 },
  { name: 'second', startedAt: 2000 },
]
const stall = (viewer: string, from: number, to: number): Stall => ({ viewer, slug: 'show', from, to })

test('the newest event before a stall has caused it, even when the stall lasts into the next event', () => {
  expect(causeOf(1999, events)?.name).toBe('first')
  expect(causeOf(2000, events)?.name).toBe('second')
  expect(causeOf(9000, events)?.name).toBe('second')
})

test('what happened before the first event has no cause', () => {
  expect(causeOf(999, events)).toBeUndefined()
  const caused = attribute([stall('one', 500, 5000)], ({ from }) => from, events)
  expect([...caused.values()]).toEqual([[], []])
})

test('each event has its stalls, also when it has none', () => {
  const late = stall('one', 2500, 2600)
  const caused = attribute([late], ({ from }) => from, events)
  expect([...caused].map(([{ name }, stalls]) => [name, stalls])).toEqual([
    ['first', []],
    ['second', [late]],
  ])
})

test('of each viewer the longest stall counts', () => {
  const stalls = [stall('one', 0, 100), stall('one', 200, 900), stall('two', 0, 50)]
  expect(longestOfEach(stalls)).toEqual([700, 50])
})
