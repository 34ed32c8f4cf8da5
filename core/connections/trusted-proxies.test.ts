import { expect, test } from 'vitest'
import { proxySettings } from './proxy-settings.ts'
import { createTrustedProxies } from './trusted-proxies.ts'

const read = proxySettings.trustedProxies.read
const proxies = createTrustedProxies(read('127.0.0.1, 10.0.0.0/8,::1,2001:db8::/32'))
const clientOf = (peer: string, headers: Record<string, string>) => proxies?.clientOf(peer, headers)

test.each([
  '10.0.0.0/33',
  '10.0.0',
  'localhost',
  '::1/129',
  'fe80::1%eth0',
  '10.0.0.1/8/8',
  '10.0.0.0/',
  'any',
])('%s is no proxy', (text) => expect(() => read(text)).toThrow('must be addresses and networks'))

test('without proxies no client is believed', () => {
  expect(createTrustedProxies(read(undefined))).toBeUndefined()
  expect(createTrustedProxies(read(' , '))).toBeUndefined()
})

test.each(['127.0.0.1', '::ffff:127.0.0.1', '10.9.8.7', '::1', '2001:db8:1::2', '2001:DB8::3%eth0'])(
  'the proxy %s is believed',
  (peer) => expect(clientOf(peer, { 'x-forwarded-for': '203.0.113.7' })).toBe('203.0.113.7'),
)

test.each(['127.0.0.2', '11.0.0.1', '::2', '2001:db9::1', '', 'unknown'])(
  'the peer %s is not believed',
  (peer) => {
    expect(clientOf(peer, { 'x-forwarded-for': '203.0.113.7' })).toBe(peer)
    expect(clientOf(peer, { forwarded: 'for=203.0.113.7' })).toBe(peer)
  },
)

test.each([
  ['203.0.113.7', '203.0.113.7'],
  [' 203.0.113.7 ', '203.0.113.7'],
  ['203.0.113.7:4711', '203.0.113.7'],
  ['[2001:db9::7]:4711', '2001:db9::7'],
  ['2001:db9::7', '2001:db9::7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  // What the client itself sent comes first. The proxy appends the client's address.
  ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['10.0.0.9, 203.0.113.7', '203.0.113.7'],
  ['garbage, "; 203.0.113.7', '127.0.0.1'],
  // Several proxies, all of them trusted.
  ['198.51.100.1, 203.0.113.7, 10.0.0.2,10.0.0.3', '203.0.113.7'],
  ['10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ['unknown, 10.0.0.2', '10.0.0.2'],
  ['', '127.0.0.1'],
  [',', '127.0.0.1'],
  ['203.0.113.7,', '127.0.0.1'],
  ['203.0.113.256', '127.0.0.1'],
])('X-Forwarded-For: %s means %s', (value, client) => {
  expect(clientOf('127.0.0.1', { 'x-forwarded-for': value })).toBe(client)
})

test.each([
  ['for=203.0.113.7', '203.0.113.7'],
  ['For="203.0.113.7:4711";proto=https;by=10.0.0.1', '203.0.113.7'],
  ['proto=https;for="[2001:db9::7]:4711"', '2001:db9::7'],
  ['for=198.51.100.1, for=203.0.113.7;proto=http', '203.0.113.7'],
  ['for=203.0.113.7, for=10.0.0.2', '203.0.113.7'],
  ['for=unknown', '127.0.0.1'],
  ['for=_hidden, for=10.0.0.2', '10.0.0.2'],
  ['proto=https', '127.0.0.1'],
  ['for=', '127.0.0.1'],
])('Forwarded: %s means %s', (forwarded, client) => {
  expect(clientOf('127.0.0.1', { forwarded })).toBe(client)
})

test('Forwarded is not read beside X-Forwarded-For, because a client may have sent it', () => {
  expect(clientOf('127.0.0.1', { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=6.6.6.6' })).toBe(
    '203.0.113.7',
  )
})

test('a long list costs nothing beyond the client', () => {
  const list = `${'10.0.0.1, '.repeat(1500)}203.0.113.7, ${'10.0.0.1, '.repeat(100)}10.0.0.2`
  expect(clientOf('127.0.0.1', { 'x-forwarded-for': list })).toBe('203.0.113.7')
})
