import { expect, test } from 'vitest'
import { internalListenHost, sharedSettings } from './shared-settings.ts'

const open = { host: '0.0.0.0', internalHost: undefined, advertiseUrl: undefined }

test('an IPv6 address gets its canonical form, with or without brackets', () => {
  const read = (value: string) => sharedSettings.host.read(value)
  for (const text of ['[2001:DB8:0::7]', '2001:db8::7', '2001:0db8:0000:0000:0000:0000:0000:0007'])
    expect(read(text)).toBe('2001:db8::7')
  expect(['[::]', 'fe80::1%eth0', '192.0.2.1', 'live.example'].map(read)).toEqual([
    '::',
    'fe80::1%eth0',
    '192.0.2.1',
    'live.example',
  ])
})

test('internal listeners have the family of the others, so that a host needs no IPv4', () => {
  for (const host of ['::', '::1', '2001:db8::7']) expect(internalListenHost({ ...open, host })).toBe('::1')
})

test('internal listeners are on loopback, unless another machine is meant to reach them', () => {
  expect(internalListenHost(open)).toBe('127.0.0.1')
  expect(internalListenHost({ ...open, advertiseUrl: 'http://a.example:9001' })).toBe('0.0.0.0')
  expect(internalListenHost({ ...open, internalHost: '10.0.0.1' })).toBe('10.0.0.1')
  expect(
    internalListenHost({ ...open, internalHost: '10.0.0.1', advertiseUrl: 'http://a.example:9001' }),
  ).toBe('10.0.0.1')
})
