import { expect, test } from 'vitest'
import { isApiToken, newApiToken } from './api-token-form.ts'

test('new tokens differ and have the form that scanners look for', () => {
  const tokens = Array.from({ length: 100 }, () => newApiToken('pat'))
  expect(new Set(tokens).size).toBe(100)
  for (const token of tokens) {
    expect(token).toMatch(/^nc_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{6}$/)
    expect(isApiToken(token)).toBe(true)
  }
})

test('a token with any character changed is not one', () => {
  const token = newApiToken('svc')
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === 'a' ? 'b' : 'a'
    expect(isApiToken(token.slice(0, index) + other + token.slice(index + 1))).toBe(false)
  }
  for (const text of ['', ` ${token}`, `${token}\n`, token.slice(0, -1)]) expect(isApiToken(text)).toBe(false)
})

test('the checksum never changes', () => {
  expect(isApiToken('nc_pat_0123456789ABCDEFGHIJKL_1ZjXbs')).toBe(true)
})
