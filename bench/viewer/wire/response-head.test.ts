import { expect, test } from 'vitest'
import { readResponseHead } from './response-head.ts'

const lines = [
  'HTTP/1.1 200 OK',
  'content-type: video/mp4',
  'AGE:  12',
  'Agent: 99',
  'Content-Length: 1048576',
  'Content-Lengthy: 7',
  'retry-after:5',
  'X-Age: 3',
]
const read = (text: string) => readResponseHead(Buffer.from(text), Buffer.byteLength(text))
const headOf = (...fields: string[]) => ['HTTP/1.1 503 Full', ...fields, '', ''].join('\r\n')

test('the fields that a viewer needs are read, whatever their case and whatever is beside them', () => {
  const text = [...lines, '', 'body\r\nage: 4\r\n'].join('\r\n')
  expect(read(text)).toEqual({
    ...{ status: 200, ageSeconds: 12, retryAfterSeconds: 5, bodyBytes: 1_048_576 },
    bodyFrom: text.indexOf('body'),
  })
})

test('a head is incomplete up to its last byte, also when old bytes follow', () => {
  const head = [...lines, '', ''].join('\r\n')
  const bytes = Buffer.from(`${head}\r\n\r\n`)
  for (let length = 0; length < head.length; length++) expect(readResponseHead(bytes, length)).toBe(undefined)
  expect(readResponseHead(bytes, head.length)).toMatchObject({ bodyFrom: head.length })
})

test('fields that are missing or no numbers have their defaults', () => {
  const defaults = { status: 503, ageSeconds: 0, retryAfterSeconds: Number.NaN, bodyBytes: 0 }
  expect(read(headOf())).toMatchObject(defaults)
  const words = ['Age: old', 'Retry-After: Wed, 21 Oct 2026 07:28:00 GMT', 'Content-Length: long']
  expect(read(headOf(...words))).toMatchObject(defaults)
})

test('chunks count more than a length, before and after it', () => {
  const [chunked, length] = ['Transfer-Encoding: Chunked', 'Content-Length: 5']
  expect(read(headOf(chunked, length))?.bodyBytes).toBe(undefined)
  expect(read(headOf(length, chunked))?.bodyBytes).toBe(undefined)
  expect(read(headOf(length, 'Transfer-Encoding: gzip'))?.bodyBytes).toBe(5)
})
