import { expect, test } from 'vitest'
import { readProxyHeader } from './proxy-protocol.ts'

const text = (line: string) => Buffer.from(line, 'latin1')
const signature = '0d0a0d0a000d0a515549540a'
const binary = (rest: string) => Buffer.from(signature + rest.replaceAll(' ', ''), 'hex')
const tcp4 = binary('21 11 000c cb007107 0a000001 1267 078f')
const tcp6 = binary(`21 21 0024 20010db9${'00'.repeat(11)}07 ${'00'.repeat(15)}01 1267 078f`)

test.each([
  [text('PROXY TCP4 203.0.113.7 10.0.0.1 4711 1935\r\n'), '203.0.113.7', 4711],
  [text('PROXY TCP6 2001:db9::7 ::1 4711 1935\r\n'), '2001:db9::7', 4711],
  [tcp4, '203.0.113.7', 4711],
  [tcp6, '2001:db9::7', 4711],
  [binary('21 11 0012 cb007107 0a000001 1267 078f 040003aabbcc'), '203.0.113.7', 4711],
])('a header names the client, at whatever length it arrives', (header, address, port) => {
  const bytes = Buffer.concat([header, text('rest')])
  expect(readProxyHeader(bytes)).toEqual({ length: header.length, client: { address, port } })
  for (let length = 0; length < header.length; length += 1)
    expect(readProxyHeader(bytes.subarray(0, length))).toBe('incomplete')
})

test.each([
  [text('PROXY UNKNOWN\r\n')],
  [text('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n')],
  [binary('20 00 0000')],
  [binary('20 11 000c cb007107 0a000001 1267 078f')],
  [binary('21 00 0000')],
  [binary('21 31 0002 aabb')],
])('the proxy speaks for itself', (header) => {
  expect(readProxyHeader(header)).toEqual({ length: header.length, client: undefined })
})

test.each([
  [text('PROXY TCP4 203.0.113.7 10.0.0.1 4711\r\n')],
  [text('PROXY TCP4 2001:db9::7 ::1 4711 1935\r\n')],
  [text('PROXY TCP6 203.0.113.7 10.0.0.1 4711 1935\r\n')],
  [text('PROXY TCP4 203.0.113.256 10.0.0.1 4711 1935\r\n')],
  [text('PROXY TCP4 203.0.113.7 10.0.0.1 65536 1935\r\n')],
  [text('PROXY UDP4 203.0.113.7 10.0.0.1 4711 1935\r\n')],
  [text('PROXY  TCP4 203.0.113.7 10.0.0.1 4711 1935\r\n')],
  [text(`PROXY ${'x'.repeat(110)}`)],
  [binary('31 11 000c')],
  [binary('22 11 000c')],
  [binary('21 11 ffff')],
  [binary('21 11 0004 cb007107')],
  [binary('21 21 000c cb007107 0a000001 1267 078f')],
])('%s is invalid', (header) => expect(readProxyHeader(header)).toBe('invalid'))

test.each([
  [text('GET / HTTP/1.1\r\n')],
  [text('POST / HTTP/1.1\r\n')],
  [text('\r\nGET / HTTP/1.1\r\n')],
  [Buffer.from([3, 0, 0])],
  [Buffer.from('1603010200', 'hex')],
])('%s is no header', (bytes) => expect(readProxyHeader(bytes)).toBe('none'))
