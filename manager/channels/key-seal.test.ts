import { expect, test } from 'vitest'
import { createKeySeal, SealBroken } from './key-seal.ts'

const seal = createKeySeal('the cluster secret')

test('opens what it sealed, also after a restart', () => {
  const sealed = seal.seal('sk_secret', 'c_1')
  expect(createKeySeal('the cluster secret').open(sealed, 'c_1')).toBe('sk_secret')
})

test('reveals nothing of the key, and never seals it the same way twice', () => {
  const sealed = [seal.seal('sk_secret', 'c_1'), seal.seal('sk_secret', 'c_1')]
  expect(new Set(sealed).size).toBe(2)
  for (const each of sealed)
    expect(Buffer.from(each.slice(3), 'base64url').toString('latin1')).not.toContain('sk_')
})

test('does not open with another secret, for another channel, or when modified', () => {
  const sealed = seal.seal('sk_secret', 'c_1')
  expect(() => createKeySeal('another').open(sealed, 'c_1')).toThrow(SealBroken)
  expect(() => seal.open(sealed, 'c_2')).toThrow(SealBroken)
  const bytes = Buffer.from(sealed.slice(3), 'base64url')
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(() => seal.open(`v1.${changed.toString('base64url')}`, 'c_1')).toThrow(SealBroken)
  }
  for (const text of ['', 'v1.', 'v1.AAAA', sealed.slice(0, -1), `v2.${sealed.slice(3)}`])
    expect(() => seal.open(text, 'c_1')).toThrow(SealBroken)
})
