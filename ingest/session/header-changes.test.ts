import { expect, test } from 'vitest'
import { HeaderChanges } from './header-changes.ts'

/**
 * Makes up to `count` changes, `everyMs` apart. Returns the number of the change that ends the session,
 * counted from 1; undefined if no change does.
 */
function changesUntilEnd(everyMs: number, count = 2000): number | undefined {
  const changes = new HeaderChanges()
  for (let n = 1; n <= count; n++) if (changes.add(5_000_000 + n * everyMs) !== undefined) return n
  return undefined
}

test.each([1000, 600, 3_600_000])('a change every %d ms is accepted', (everyMs) => {
  expect(changesUntilEnd(everyMs)).toBeUndefined()
})

test.each([0, 1, 400])('a change every %d ms is too much after 120', (everyMs) => {
  expect(changesUntilEnd(everyMs)).toBe(121)
})

test('the reason names the limit', () => {
  const changes = new HeaderChanges()
  const reasons = Array.from({ length: 121 }, () => changes.add(1))
  expect(reasons.at(-1)).toBe('The codec headers changed more than 120 times within a minute.')
})
