import { expect, test } from 'vitest'
import { createJpegReader } from './jpeg-reader.ts'

const picture = (text: string) =>
  Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.from(text), Buffer.from('ffd9', 'hex')])

function readAll(chunks: readonly Buffer[]): string[] {
  const texts: string[] = []
  const reader = createJpegReader((jpeg) => texts.push(jpeg.subarray(2, -2).toString()))
  for (const chunk of chunks) reader.push(chunk)
  return texts
}

test('pictures are found wherever chunks divide them', () => {
  const bytes = Buffer.concat([picture('one'), picture(''), picture('three')])
  for (let size = 1; size <= bytes.length; size++) {
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
    expect(readAll(chunks), `in chunks of ${size} bytes`).toEqual(['one', '', 'three'])
  }
})

test.each([
  ['bytes that are no picture', [Buffer.from('text')], 'no picture'],
  ['a picture without an end', [picture('').subarray(0, 2), Buffer.alloc(1024 * 1024)], 'more than 1048576'],
])('%s are refused', (_what, chunks, message) => {
  expect(() => readAll(chunks)).toThrow(message)
})
