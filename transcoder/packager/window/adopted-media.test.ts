import { expect, test } from 'vitest'
import { type AdoptedMedia, continuationOf, divideWhenRead, endOfAdopted } from './adopted-media.ts'
import { newSegment, type Segment, type StoredMedia, type StoredPart } from './segment.ts'

/** Date of session time 0. */
const zeroAt = Date.UTC(2026, 0, 1)

/** Creates media that has been read, unless it is missing. */
function storedMedia(text: string | undefined, parts: readonly StoredPart[] = []): StoredMedia {
  const data = text === undefined ? undefined : Buffer.from(text)
  return { bytes: data?.length ?? 0, parts, read: async () => data, isLost: false, data, drop() {} }
}

/** Creates segments of 2 s, of which the first begins at session time 0. */
const segmentsOf = (numbers: readonly number[], gaps: readonly number[] = []): Segment[] =>
  numbers.map((msn, index) => {
    const startMs = index * 2000
    const start = { msn, epoch: 1, startMs, date: zeroAt + startMs, hasDiscontinuity: false }
    const segment = { ...newSegment(start), durationMs: 2000 }
    return gaps.includes(msn) ? { ...segment, isGap: true } : { ...segment, stored: storedMedia('media') }
  })

const adoptedOf = (segments: Segment[]): AdoptedMedia => ({
  segments,
  discontinuitySequence: 0,
  inits: new Map([[1, Buffer.from('init')]]),
})

const lengths = { segmentMs: 2000, maxSegmentMs: 3000, startDiscontinuity: 0 }
const nextAt = (msn: number, startMs: number) =>
  newSegment({ msn, epoch: 2, startMs, date: zeroAt + startMs, hasDiscontinuity: true })

test('a transcoder continues where the rendition ended that was furthest behind', () => {
  const audio = adoptedOf(segmentsOf([7, 8, 9]))
  const behind = adoptedOf(segmentsOf([7, 8, 9], [9]))
  expect(endOfAdopted(new Map([['audio', audio]]))).toBe(6000)
  expect(
    endOfAdopted(
      new Map([
        ['audio', audio],
        ['720p', behind],
      ]),
    ),
  ).toBe(4000)
  expect(endOfAdopted(new Map([['720p', adoptedOf(segmentsOf([7], [7]))]]))).toBeUndefined()
})

test.each([
  ['where they end', 6000, [2000, 2000, 2000, 0, 0]],
  ['a frame before they end', 5967, [2000, 2000, 2000, 0, 0]],
  ['a segment before they end', 4000, [2000, 2000, 0, 0, 0]],
  ['within a segment', 5000, [2000, 2000, 1000, 0, 0]],
  ['later', 7000, [2000, 2000, 2000, 1000, 0]],
])('new media that begins %s follows the adopted segments without a step back', (_, nextMs, durations) => {
  const segments = continuationOf(adoptedOf(segmentsOf([7, 8, 9])), nextAt(12, nextMs), lengths)
  expect(segments?.map(({ msn }) => msn)).toEqual([7, 8, 9, 10, 11])
  expect(segments?.map(({ durationMs }) => durationMs)).toEqual(durations)
  for (const [index, { date, durationMs }] of segments?.entries() ?? []) {
    const following = segments?.[index + 1]?.date ?? zeroAt + nextMs
    expect(Math.abs(following - date - durationMs)).toBeLessThan(150)
  }
})

const parts = [
  { durationMs: 1000, isIndependent: true, frames: 30, bytes: 2 },
  { durationMs: 1000, isIndependent: false, frames: 30, bytes: 3 },
]

test('a segment that was read has the parts in which it was published', async () => {
  const [segment] = segmentsOf([7])
  if (segment === undefined) throw new Error('no segment')
  divideWhenRead({ ...segment, stored: storedMedia('abcde', parts), parts: segment.parts }, () => {})
  expect(segment.parts).toEqual([
    { durationMs: 1000, isIndependent: true, frames: 30, endMs: 1000, data: Buffer.from('ab') },
    { durationMs: 1000, isIndependent: false, frames: 30, endMs: 2000, data: Buffer.from('cde') },
  ])
})

test('a segment that cannot be read is lost', async () => {
  const [segment] = segmentsOf([7])
  if (segment === undefined) throw new Error('no segment')
  await new Promise<void>((resolve) =>
    divideWhenRead({ ...segment, stored: storedMedia(undefined) }, resolve),
  )
  expect(segment.parts).toEqual([])
})
