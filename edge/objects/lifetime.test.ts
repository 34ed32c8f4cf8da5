import { expect, test } from 'vitest'
import { heldControl, lifetimeOf, plainControl } from './lifetime.ts'

test('media is immutable, whatever max-age says', () => {
  expect(lifetimeOf('segment', 'max-age=5').freshMs).toBe(Infinity)
  expect(lifetimeOf('part', undefined).freshMs).toBe(Infinity)
})

test('playlists live as long as the origin says, and a little longer during a refresh or failure', () => {
  expect(lifetimeOf('playlist', 'public, max-age=1')).toEqual({
    freshMs: 1000,
    whileRefreshingMs: 2000,
    whenFailingMs: 4000,
  })
  expect(lifetimeOf('playlist', 'max-age=1, s-maxage=3').freshMs).toBe(3000)
  expect(lifetimeOf('held_playlist', 'max-age=12')).toEqual({
    freshMs: 12_000,
    whileRefreshingMs: 12_000,
    whenFailingMs: 12_000,
  })
  expect(lifetimeOf('playlist', 'max-age=999999999').freshMs).toBe(60_000)
})

test('there is no lifetime unless the origin allows one', () => {
  expect(lifetimeOf('multivariant', undefined).freshMs).toBe(0)
  expect(lifetimeOf('segment', 'no-store').freshMs).toBe(0)
})

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
