import { expect, test } from 'vitest'
import {
  flvHeader,
  payloadLength,
  payloadLengthAt,
  payloadOf,
  tagOf,
  tagTypeAt,
  timestampAt,
  videoTag,
} from './flv-tag.ts'

test('a tag has its header, its payload and the size of both', () => {
  const tag = tagOf(videoTag, 0x12345678, Buffer.from('picture'))
  expect(tag.toString('hex')).toBe(
    `${'09 000007 345678 12 000000'.replaceAll(' ', '')}${Buffer.from('picture').toString('hex')}00000012`,
  )
  expect(payloadOf(tag).toString()).toBe('picture')
  expect(payloadLength(tag)).toBe(7)
})

test('the low 32 bits of a timestamp are written', () => {
  expect(timestampAt(tagOf(videoTag, 0x1_0000_0021, Buffer.alloc(0)), 0)).toBe(0x21)
})

test('a header is read at any offset', () => {
  const header = flvHeader(true, true)
  const bytes = Buffer.concat([header, tagOf(videoTag, 0xfedcba98, Buffer.alloc(70_000))])
  expect(tagTypeAt(bytes, header.length)).toBe(videoTag)
  expect(payloadLengthAt(bytes, header.length)).toBe(70_000)
  expect(timestampAt(bytes, header.length)).toBe(0xfedcba98)
})

test('the file header says which tracks there are', () => {
  expect(flvHeader(true, false).toString('hex')).toBe('464c5601040000000900000000')
  expect(flvHeader(false, true).toString('hex')).toBe('464c5601010000000900000000')
})
