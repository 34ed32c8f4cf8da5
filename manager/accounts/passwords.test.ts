import { expect, test } from 'vitest'
import { createPasswords } from './passwords.ts'

const passwords = createPasswords('a key of the tests')

test('a password matches its own hash only, in every form of Unicode', async () => {
  const hash = await passwords.hash('pa\u0301ssword ①')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(await passwords.verify('p\u00e1ssword 1', hash)).toBe(true)
  expect(await passwords.verify('passwort', hash)).toBe(false)
  expect(await createPasswords('another key').verify('p\u00e1ssword 1', hash)).toBe(false)
  expect(await passwords.hash('pa\u0301ssword ①')).not.toBe(hash)
})

test.each([
  undefined,
  '',
  '$argon2id$v=19$m=99999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
])('nothing matches the hash %s', async (hash) => {
  expect(await passwords.verify('password', hash)).toBe(false)
})

test('beyond two at a time some wait and others are refused, known clients last', async () => {
  const verify = (isKnownClient: boolean) =>
    passwords.verify('password', undefined, { isKnownClient }).catch((error) => error.code)
  const strangers = Array.from({ length: 20 }, () => verify(false))
  const known = Array.from({ length: 10 }, () => verify(true))
  const refused = async (results: Promise<unknown>[]) =>
    (await Promise.all(results)).filter((result) => result === 'sign_in_busy').length
  // 2 run, 12 wait, and 4 places are kept for known clients.
  expect([await refused(strangers), await refused(known)]).toEqual([6, 6])
  expect(await verify(false)).toBe(false)
})
