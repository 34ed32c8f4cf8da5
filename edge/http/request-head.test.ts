import { expect, test } from 'vitest'
import { maxHeadBytes, type RequestHead, readHead } from './request-head.ts'

const newHead = (): RequestHead => ({ isHead: false, target: '', headers: {}, section: '', whole: '' })
const plain = 'GET /live/demo/index.m3u8 HTTP/1.1\r\nHost: a\r\nUser-Agent: \tb c \r\n\r\n'

test('a plain request is read, its fields trimmed and named in lower case', () => {
  const head = newHead()
  expect(readHead(plain, head)).toBe(plain.length)
  expect([head.isHead, head.target, { ...head.headers }]).toEqual([
    false,
    '/live/demo/index.m3u8',
    { host: 'a', 'user-agent': 'b c' },
  ])
  expect(readHead(`${plain.replace('GET', 'HEAD')}more`, head)).toBe(plain.length + 1)
  expect(head.isHead).toBe(true)
})

test('repeated fields are reused, and only while they are the same', () => {
  const head = newHead()
  readHead(plain, head)
  const { headers } = head
  expect(readHead(plain.replace('demo', 'other'), head)).toBe(plain.length + 1)
  expect([head.headers === headers, head.target]).toEqual([true, '/live/other/index.m3u8'])
  readHead(plain.replace('b c', 'b d'), head)
  expect(head.headers['user-agent']).toBe('b d')
  const longer = plain.replace('\r\n\r\n', '\r\nRange: bytes=0-1\r\n\r\n')
  expect(readHead(longer, head)).toBe(longer.length)
  expect(head.headers.range).toBe('bytes=0-1')
  expect(readHead(plain, head)).toBe(plain.length)
  expect(head.headers.range).toBeUndefined()
})

test('a repeated request is reused; one that was followed by more, or not valid, leaves nothing behind', () => {
  const head = newHead()
  const other = plain.replace('GET', 'HEAD')
  for (const text of [plain, plain, other, plain.slice(0, -1), plain, `${other}more`, plain])
    readHead(text, head)
  expect([head.isHead, head.target, head.headers['user-agent']]).toEqual([
    false,
    '/live/demo/index.m3u8',
    'b c',
  ])
  readHead(other, head)
  expect([head.isHead, readHead(other, head)]).toEqual([true, other.length])
})

test('an incomplete head is waited for, up to a limit', () => {
  for (let length = 0; length < plain.length; length += 1)
    expect(readHead(plain.slice(0, length), newHead()), plain.slice(0, length)).toBe('incomplete')
  expect(readHead(plain.slice(0, -2) + 'x'.repeat(maxHeadBytes), newHead())).toBe('unusual')
  expect(readHead(`GET /live/${'x'.repeat(maxHeadBytes)}`, newHead())).toBe('unusual')
})

test.each([
  plain.replace('GET', 'POST'),
  plain.replace('GET', 'get'),
  plain.replace('/live/', '/healthz'),
  plain.replace('1.1', '1.0'),
  plain.replace('/live', 'http://a/live'),
  plain.replace('demo', 'de mo'),
  plain.replace('demo', 'd\xe9mo'),
  plain.replace('demo', 'd\0mo'),
  plain.replace('Host', 'X'),
  plain.replace('Host: a', 'Host:'),
  plain.replace('Host: a', 'Host: a\r\nhost: b'),
  plain.replace('Host: a', 'Host : a'),
  plain.replace('Host: a', 'Host: a\r\n folded'),
  plain.replace('Host: a', 'Host: a\r\nContent-Length: 0'),
  plain.replace('Host: a', 'Host: a\r\nTransfer-Encoding: chunked'),
  plain.replace('Host: a', 'Host: a\r\nExpect: 100-continue'),
  plain.replace('Host: a', 'Host: a\r\nUpgrade: h2c'),
  plain.replace('Host: a', 'Host: a\r\nConnection: close'),
  plain.replace('b c', 'b\nc'),
  plain.replace('b c', 'b\rc'),
  plain.replace('b c', 'b\x7fc'),
  plain.replace('Host: a', `Host: a${'\r\nX'.repeat(60)}`),
  'SSH-2.0-x',
])('%j is not for the hot path', (text) => expect(readHead(text, newHead())).toBe('unusual'))
