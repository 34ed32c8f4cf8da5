import { expect, test } from 'vitest'
import { audioTag, flvHeader, tagOf, videoTag } from '../../core/media/flv-tag.ts'
import { createFlvReader } from './flv-reader.ts'

const tags = [
  tagOf(videoTag, 0, Buffer.from('1700000000', 'hex')),
  tagOf(audioTag, 0, Buffer.from('af00', 'hex')),
  tagOf(videoTag, 33, Buffer.alloc(70_000, 7)),
  tagOf(audioTag, 21, Buffer.alloc(0)),
  tagOf(videoTag, 66, Buffer.alloc(300, 9)),
]
const file = Buffer.concat([flvHeader(true, true), ...tags])

function readInPieces(bytes: Buffer, size: number) {
  const read: Buffer[] = []
  const reader = createFlvReader((tag) => read.push(Buffer.from(tag)))
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
  return read
}

test.each([1, 2, 3, 4, 5, 13, 14, 17, 1000, 65_536, file.length])('chunks of %s bytes', (size) => {
  expect(readInPieces(file, size)).toEqual(tags)
})

test('what is not complete is not passed on', () => {
  expect(readInPieces(file.subarray(0, -1), 1000)).toEqual(tags.slice(0, -1))
})

test('tags stay as they are when the memory of a chunk is used again', () => {
  const read: Buffer[] = []
  const reader = createFlvReader((tag) => read.push(tag))
  const chunk = Buffer.alloc(1000)
  for (let at = 0; at < file.length; at += chunk.length)
    reader.push(chunk.subarray(0, file.copy(chunk, 0, at, at + chunk.length)))
  expect(read).toEqual(tags)
})

test('other bytes are an error', () => {
  expect(() => readInPieces(Buffer.from('HTTP/1.1 200 OK'), 4)).toThrow('did not send FLV')
})
