import { expect, test } from 'vitest'
import { type IndexedRendition, readIndex, writeIndex } from './session-index.ts'

type Parts = NonNullable<IndexedRendition['segments'][number]['parts']>

const segment = (msn: number, bytes?: number, parts?: Parts) => ({
  ...{ msn, epoch: 1, startMs: msn * 2000, date: 1e12 + msn * 2000, durationMs: 2000 },
  ...{ hasDiscontinuity: false, bytes },
  ...(parts ? { parts } : {}),
})
/** Two parts of 1000 bytes together. */
const parts: Parts = [
  [333, 10, 1, 600],
  [334, 10, 0, 400],
]
const rendition: IndexedRendition = {
  discontinuitySequence: 2,
  inits: { 1: 'aW5pdA==' },
  segments: [segment(7, 1000, parts), segment(8), segment(9, 2000)],
}

test('an index is read as it was written', () => {
  expect(readIndex(writeIndex({ '720p': rendition }))).toEqual({
    '720p': JSON.parse(JSON.stringify(rendition)),
  })
})

const written = (change: object) =>
  Buffer.from(JSON.stringify({ version: 1, renditions: { '720p': { ...rendition, ...change } } }))

test.each<[string, Buffer]>([
  ['no JSON', Buffer.from('{"version":1,"rend')],
  ['nothing', Buffer.alloc(0)],
  ['null', Buffer.from('null')],
  ['a later version', Buffer.from('{"version":2,"renditions":{}}')],
  ['no version', Buffer.from('{"renditions":{}}')],
  ['no renditions', Buffer.from('{"version":1}')],
  ['a rendition with another name', Buffer.from(String(written({})).replace('720p', '../720p'))],
  ['no segments', written({ segments: [] })],
  ['missing numbers', written({ segments: [segment(7), segment(9)] })],
  ['a negative size', written({ segments: [segment(7, -1)] })],
  ['a huge size', written({ segments: [segment(7, 1e12)] })],
  ['a segment without its init segment', written({ inits: {} })],
  ['a number that is text', written({ segments: [{ ...segment(7), msn: '7' }] })],
  ['a date out of range', written({ segments: [{ ...segment(7), date: 1e17 }] })],
  ['too many segments', written({ segments: Array.from({ length: 501 }, (_, msn) => segment(msn)) })],
  ['parts of another size', written({ segments: [segment(7, 999, parts)] })],
  ['a part without its size', written({ segments: [{ ...segment(7, 1000), parts: [[333, 10, 1]] }] })],
  ['a part of negative length', written({ segments: [segment(7, 600, [[-1, 10, 1, 600]])] })],
  ['parts of a gap', written({ segments: [segment(7, undefined, parts)] })],
  ['an init segment that is no text', written({ inits: { 1: 5 } })],
  ['megabytes', Buffer.alloc(5_000_000, ' ')],
])('an index with %s is refused', (_, data) => {
  expect(() => readIndex(data)).toThrow()
})
