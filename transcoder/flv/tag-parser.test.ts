import { expect, test } from 'vitest'
import { createTagParser, type FlvTag } from './tag-parser.ts'

const fileHeader = Buffer.from('464c5601050000000900000000', 'hex')

function tag(type: number, timestamp: number, body: number[]): Buffer {
  const bytes = Buffer.alloc(11 + body.length + 4)
  bytes[0] = type
  bytes.writeUIntBE(body.length, 1, 3)
  bytes.writeUIntBE(timestamp & 0xffffff, 4, 3)
  bytes[7] = timestamp >>> 24
  bytes.set(body, 11)
  bytes.writeUInt32BE(11 + body.length, 11 + body.length)
  return bytes
}

const script = tag(18, 0, [2, 0, 10, 1, 2, 3])
const videoHeader = tag(9, 0, [0x17, 0, 0, 0, 0, 1, 100, 0, 31])
const keyframe = tag(9, 16_777_300, [0x17, 1, 0, 0, 66, ...Array(300).fill(7)])
const frame = tag(9, 16_777_333, [0x27, 1, 0, 0, 0, ...Array(50).fill(8)])
const audioHeader = tag(8, 0, [0xaf, 0, 0x11, 0x90, 0x56])
const audio = tag(8, 16_777_320, [0xaf, 1, 5, 5, 5, 5])
const all = [script, videoHeader, audioHeader, keyframe, audio, frame]
const bytes = Buffer.concat([fileHeader, ...all])

function read(chunkSize: number, keeps: (tag: FlvTag) => boolean): { tags: FlvTag[]; kept: Buffer } {
  const tags: FlvTag[] = []
  const parser = createTagParser((each) => {
    tags.push(each)
    return keeps(each)
  })
  const kept: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkSize)
    kept.push(...parser.accept(bytes.subarray(at, at + chunkSize)))
  return { tags, kept: Buffer.concat(kept) }
}

const sizes = [1, 2, 15, 16, 17, 64, 333, 10_000]

test.each(sizes)('parses every tag, in chunks of %i', (size) => {
  const plain = { isHeader: false, isKeyframe: false, compositionMs: 0 }
  expect(read(size, () => true).tags).toEqual([
    { ...plain, kind: 'script', timestamp: 0, isHeader: true },
    { ...plain, kind: 'video', timestamp: 0, isHeader: true },
    { ...plain, kind: 'audio', timestamp: 0, isHeader: true },
    { ...plain, kind: 'video', timestamp: 16_777_300, isKeyframe: true, compositionMs: 66 },
    { ...plain, kind: 'audio', timestamp: 16_777_320 },
    { ...plain, kind: 'video', timestamp: 16_777_333 },
  ])
})

test.each(sizes)('returns all bytes when all tags are kept, in chunks of %i', (size) => {
  expect(read(size, () => true).kept).toEqual(bytes)
})

test.each(sizes)('leaves out whole tags, in chunks of %i', (size) => {
  const kept = read(size, ({ kind, isHeader }) => kind !== 'audio' || isHeader).kept
  expect(kept).toEqual(Buffer.concat([fileHeader, script, videoHeader, audioHeader, keyframe, frame]))
})

test('a chunk that is kept whole is not copied', () => {
  const parser = createTagParser(() => true)
  const [piece] = parser.accept(bytes)
  expect(piece?.buffer).toBe(bytes.buffer)
})

test('bytes that are not FLV are refused', () => {
  expect(() =>
    createTagParser(() => true).accept(Buffer.from('<html>Bad gateway, sorry for that</html>')),
  ).toThrow('did not send FLV')
})
