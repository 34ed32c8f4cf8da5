import { expect, test } from 'vitest'
import { makeBox } from './box.ts'
import { createBoxReader } from './box-reader.ts'

function read(pieces: readonly Buffer[]) {
  const boxes: string[] = []
  const reader = createBoxReader((type, body) => boxes.push(`${type} ${body}`))
  for (const piece of pieces) reader.push(piece)
  return boxes
}

const stream = Buffer.concat([
  makeBox('ftyp', Buffer.from('iso6')),
  makeBox('moof', Buffer.from('one')),
  makeBox('mdat'),
  makeBox('mfra', Buffer.alloc(500)),
  Buffer.from([0, 0, 0, 1]),
  Buffer.from('mdat'),
  Buffer.from([0, 0, 0, 0, 0, 0, 0, 19]),
  Buffer.from('two'),
])

test('boxes are found wherever the bytes are split', () => {
  for (const size of [1, 3, 7, 8, 100, stream.length]) {
    const pieces: Buffer[] = []
    for (let at = 0; at < stream.length; at += size) pieces.push(stream.subarray(at, at + size))
    expect(read(pieces)).toEqual(['moof one', 'mdat ', 'mdat two'])
  }
})

test.each([
  ['a size smaller than its header', Buffer.from('000000076d6f6f66', 'hex')],
  ['an unknown type', makeBox('abcd')],
  ['an endless fragment header', Buffer.from('7fffffff6d6f6f66', 'hex')],
])('%s is refused', (_what, bytes) => {
  expect(() => read([bytes])).toThrow(/box/)
})
