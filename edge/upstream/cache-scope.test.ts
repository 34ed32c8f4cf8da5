import { expect, test } from 'vitest'
import { asPrivate, withoutPrivate, withoutScope } from './cache-scope.ts'

test.each([undefined, 'max-age=1', 'max-age=31536000, immutable'])(
  'another edge reads %j as the origin sent it',
  (cacheControl) => {
    expect(asPrivate(cacheControl)).toMatch(/^private\b/)
    expect(withoutPrivate(asPrivate(cacheControl))).toBe(cacheControl)
  },
)

test('what an origin itself calls private stays private between edges', () => {
  expect(withoutPrivate('max-age=1, private')).toBe('max-age=1, private')
  expect(withoutPrivate('no-store')).toBe('no-store')
})

test('the scope of an origin is removed from anywhere', () => {
  expect(withoutScope('public, max-age=1')).toBe('max-age=1')
  expect(withoutScope('private, max-age=1')).toBe('max-age=1')
  expect(withoutScope(undefined)).toBeUndefined()
})
