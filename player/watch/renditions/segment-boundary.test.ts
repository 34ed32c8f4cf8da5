import type { LevelDetails } from 'hls.js'
import { expect, test } from 'vitest'
import { boundaryAfter, hintedUrl, secondsToBoundary } from './segment-boundary.ts'

/** Returns the details of a playlist whose last complete segment is 7. `hint` names the announced part. */
const detailsOf = (parts: [msn: number, part: number][], hint: string) =>
  ({
    endSN: 7,
    url: 'http://edge.test/live/show/s_1/480p.m3u8?_HLS_msn=8',
    partList: parts.map(([sn, index]) => ({ index, fragment: { sn } })),
    preloadHint: { TYPE: 'PART', URI: `1/480p/${hint}` },
  }) as unknown as LevelDetails

test('within a segment there is no boundary', () => {
  const details = detailsOf(
    [
      [8, 0],
      [8, 1],
    ],
    '8.2.m4s',
  )
  expect(boundaryAfter(details, { msn: 8, part: 0 })).toBeUndefined()
  expect(boundaryAfter(details, { msn: 8, part: 1 })).toBeUndefined()
  expect(boundaryAfter(details, undefined)).toBeUndefined()
})

test('the boundary is reached when the playlist announces the next segment', () => {
  const details = detailsOf(
    [
      [8, 0],
      [8, 1],
    ],
    '9.0.m4s',
  )
  expect(boundaryAfter(details, { msn: 8, part: 1 })).toEqual({ msn: 9 })
})

test('it is reached after the last part of a complete segment, and after a whole segment', () => {
  const details = detailsOf(
    [
      [7, 4],
      [7, 5],
      [8, 0],
    ],
    '8.1.m4s',
  )
  expect(boundaryAfter(details, { msn: 7, part: 5 })).toEqual({ msn: 8 })
  expect(boundaryAfter(details, { msn: 7, part: 4 })).toBeUndefined()
  expect(boundaryAfter(details, { msn: 7, part: undefined })).toEqual({ msn: 8 })
})

test('the URL of the announced part is absolute', () => {
  const details = detailsOf([], '8.1.m4s')
  expect(hintedUrl(details)).toBe('http://edge.test/live/show/s_1/1/480p/8.1.m4s')
  expect(hintedUrl({ ...details, preloadHint: undefined } as unknown as LevelDetails)).toBeUndefined()
})

test('the time to the boundary is that of the rest of the segment', () => {
  const fragment = { sn: 8 }
  const details = {
    targetduration: 2,
    fragments: [{ sn: 7, start: 14, duration: 1.8 }],
    partList: [
      { index: 4, fragment: { sn: 7 }, start: 15.4, end: 15.6 },
      { index: 0, fragment, start: 15.8, end: 16.3 },
      { index: 1, fragment, start: 16.3, end: 16.8 },
    ],
  } as unknown as LevelDetails
  expect(secondsToBoundary(details, { msn: 8, part: 1 })).toBeCloseTo(1)
  expect(secondsToBoundary(details, { msn: 7, part: 4 })).toBeCloseTo(0.2)
  expect(secondsToBoundary(details, { msn: 7, part: undefined })).toBe(0)
  expect(secondsToBoundary(details, { msn: 3, part: 1 })).toBe(0)
})
