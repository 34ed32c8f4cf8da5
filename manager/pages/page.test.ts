import { expect, test } from 'vitest'
import { escapeHtml, scriptJson } from './page.ts'

test('JSON cannot leave its script element', () => {
  const value = { a: '</script><!--', b: '&amp;', c: '\u2028\u2029', d: null, e: '"\\' }
  const text = scriptJson(value)
  expect(text).not.toMatch(/[<>&\u2028\u2029]/)
  expect(JSON.parse(text)).toEqual(value)
})

test('text is escaped', () => {
  expect(escapeHtml(`<b title="it's">&`)).toBe('&lt;b title=&quot;it&#39;s&quot;&gt;&amp;')
})
