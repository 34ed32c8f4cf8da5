import { expect, test } from 'vitest'
import { canonicalTarget } from './canonical-target.ts'

test('escapes are resolved exactly where they are not needed', () => {
  for (let code = 0; code < 256; code += 1) {
    const character = String.fromCharCode(code)
    const hex = code.toString(16).padStart(2, '0')
    for (const escaped of [`%${hex}`, `%${hex.toUpperCase()}`]) {
      const expected = /[A-Za-z0-9._~-]/.test(character) ? character : escaped
      expect(canonicalTarget(`/a/${escaped}`)).toBe(`/a/${expected}`)
    }
  }
})

test.each([
  ['/live/demo/index.m3u8?a=%64', '/live/demo/index.m3u8?a=%64'],
  ['http://tv.example:8088/live/demo/index.m3u8', '/live/demo/index.m3u8'],
  ['HTTPS://[::1]/live//demo///index.m3u8?x=//', '/live/demo/index.m3u8?x=//'],
  ['//live/%64emo/index%2Em3u8', '/live/demo/index.m3u8'],
  ['http://tv.example', '/'],
  ['http://tv.example?a', '/?a'],
  ['*', '*'],
  ['/live/demo%2findex.m3u8', '/live/demo%2findex.m3u8'],
  ['/live/%2564emo', '/live/%2564emo'],
  ['', ''],
])('%s becomes %s', (target, expected) => {
  expect(canonicalTarget(target)).toBe(expected)
  expect(canonicalTarget(expected), 'which is canonical').toBe(expected)
})
