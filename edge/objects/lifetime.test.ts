import { expect, test } from 'vitest'
import { lifetimeOf } from './lifetime.ts'

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
