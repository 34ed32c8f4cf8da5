import { expect, test } from 'vitest'
import { heldControl, plainControl } from './playlist-control.ts'

test.each([
  ['public, s-maxage=12, max-age=0', 'public, s-maxage=12, max-age=0'],
  ['public, max-age=1', 'public, s-maxage=1, max-age=0'],
  ['private, max-age=12', 'private, s-maxage=12, max-age=0'],
])('browsers do not keep the response to a blocking reload: %s', (control, held) => {
  expect(heldControl(control)).toBe(held)
})

test.each([
  ['public, s-maxage=12, max-age=0', 'public, max-age=1'],
  ['public, max-age=2', 'public, max-age=1'],
  ['private, s-maxage=12, max-age=0', 'private, max-age=1'],
])('a playlist without directives has its own lifetime: %s', (control, plain) => {
  expect(plainControl(control, 1)).toBe(plain)
})
