import { expect, test } from 'vitest'
import { isSlug } from '../../core/contracts/id-patterns.ts'
import { slugOf } from './slug.ts'

test.each([
  ['Friday Night Live', 'friday-night-live'],
  ['  Älteste Show: Größe & Co! ', 'alteste-show-grosse-co'],
  ['--a--', 'a'],
  ['日本', ''],
])('%s', (text, slug) => {
  expect(slugOf(text)).toBe(slug)
})

test('is always a slug, however long the text', () => {
  expect(isSlug(slugOf(`${'a'.repeat(62)} b`))).toBe(true)
})
