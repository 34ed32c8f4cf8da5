import { expect, test } from 'vitest'
import { isSlug } from '../../core/contracts/id-patterns.ts'
import { slugOf } from './new-channel.ts'

test.each([
  ['Friday Night Live', 'friday-night-live'],
  ['  Älteste Show: Größe & Co! ', 'alteste-show-grosse-co'],
  ['--a--', 'a'],
  ['日本', ''],
])('makes a slug of %s', (text, slug) => {
  expect(slugOf(text)).toBe(slug)
})

test('the result is a slug for text of any length', () => {
  expect(isSlug(slugOf(`${'a'.repeat(62)} b`))).toBe(true)
})
