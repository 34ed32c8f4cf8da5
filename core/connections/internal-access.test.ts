import { expect, test } from 'vitest'
import { isInternal } from './internal-access.ts'

const from = (address: string, localAddress = '127.0.0.1', headers = {}) => ({
  address,
  localAddress,
  headers,
})

test('by default only clients on this machine are internal, and no proxy that passes on others', () => {
  const isLocal = (...origin: Parameters<typeof from>) => isInternal(from(...origin), '127.0.0.1')
  expect(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'].map((address) => isLocal(address))).toEqual(
    Array(4).fill(true),
  )
  for (const address of ['192.0.2.1', '10.0.0.1', '2001:db8::1', '::ffff:192.0.2.1', '1270.0.0.1', ''])
    expect(isLocal(address), address).toBe(false)
  for (const field of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'])
    expect(isLocal('127.0.0.1', '127.0.0.1', { [field]: '192.0.2.1' }), field).toBe(false)
})

test('another internal address accepts what arrives there, and a wildcard everything', () => {
  expect(isInternal(from('10.0.0.9', '::ffff:10.0.0.1'), '10.0.0.1')).toBe(true)
  expect(isInternal(from('192.0.2.1', '203.0.113.1'), '10.0.0.1')).toBe(false)
  expect(isInternal(from('fe80::2%eth0', 'fe80::1%eth0'), 'fe80::1%eth0')).toBe(true)
  expect(isInternal(from('192.0.2.1', '203.0.113.1'), '0.0.0.0')).toBe(true)
})
