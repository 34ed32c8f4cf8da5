import { expect, it } from 'vitest'
import { escapeHtml, scriptJson } from './page.ts'

it('writes JSON that cannot leave its script element', () => {
  const value = { a: '</script><!--', b: '&amp;', c: '\u2028\u2029', d: null, e: '"\\' }
  const text = scriptJson(value)
  expect(text).not.toMatch(/[<>&\u2028\u2029]/)
  expect(JSON.parse(text)).toEqual(value)
})

it('writes text as text', () => {
  expect(escapeHtml(`<b title="it's">&`)).toBe('&lt;b title=&quot;it&#39;s&quot;&gt;&amp;')
})
