import { expect, test } from 'vitest'
import { languageOf, lengthText, wordsOf } from './words.ts'

test.each([
  [['ko-KR', 'en'], 'ko'],
  [['en-GB', 'ko'], 'en'],
  [['de', 'ko', 'en'], 'ko'],
  [['de', 'fr'], 'en'],
  [[], 'en'],
])('the language of a browser that prefers %j is %s', (preferred, language) => {
  expect(languageOf(preferred)).toBe(language)
})

test.each([
  [0, '0 s', '0초'],
  [45.4, '45 s', '45초'],
  [185, '3 min 5 s', '3분 5초'],
  [180, '3 min', '3분'],
  [7805, '2 h 10 min', '2시간 10분'],
])('%i s are written as %s and %s', (seconds, english, korean) => {
  expect(lengthText(seconds, wordsOf('en'))).toBe(english)
  expect(lengthText(seconds, wordsOf('ko'))).toBe(korean)
})
