import { expect, test } from 'vitest'
import { newRecoveryCodes, newTotpSecret, stepOfCode, totpUri } from './totp.ts'

/** The secret of RFC 6238, appendix B: the ASCII text 12345678901234567890. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [20_000_000_000, '353130'],
])('the code at %i s is that of RFC 6238', (seconds, code) => {
  const step = Math.floor(seconds / 30)
  expect(stepOfCode(secret, code, seconds * 1000, 0)).toBe(step)
})

test('a code is accepted half a minute early and late, and once', () => {
  const at = 1_234_567_890_000
  for (const ms of [-30_000, 0, 30_000]) expect(stepOfCode(secret, '005924', at + ms, 0)).toBe(41_152_263)
  for (const ms of [-60_000, 60_000]) expect(stepOfCode(secret, '005924', at + ms, 0)).toBeUndefined()
  expect(stepOfCode(secret, '005924', at, 41_152_263)).toBeUndefined()
  expect(stepOfCode(secret, '', at, 0)).toBeUndefined()
})

test('secrets and recovery codes have their form and differ', () => {
  const secrets = Array.from({ length: 50 }, newTotpSecret)
  for (const each of secrets) expect(each).toMatch(/^[A-Z2-7]{32}$/)
  expect(new Set(secrets).size).toBe(50)
  const codes = newRecoveryCodes()
  for (const code of codes) expect(code).toMatch(/^[a-z2-7]{5}-[a-z2-7]{5}$/)
  expect(new Set(codes).size).toBe(10)
  expect(totpUri(secret, 'a b@x.y')).toBe(
    `otpauth://totp/nowcast:a%20b%40x.y?secret=${secret}&issuer=nowcast`,
  )
})
