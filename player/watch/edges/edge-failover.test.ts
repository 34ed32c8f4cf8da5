import type Hls from 'hls.js'
import { ErrorDetails } from 'hls.js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { failOver } from './edge-failover.ts'

beforeEach(() => void vi.stubGlobal('navigator', { onLine: true }))
afterEach(() => void vi.unstubAllGlobals())

const first = 'http://first.test/live/demo/s_1/720p.m3u8'

/**
 * Creates the part of hls.js that is used here, playing from the edge `a`. `fail` reports a failed request;
 * `code` is the HTTP status, 0 without a response.
 */
function open(pathwayPriority: string[] | null) {
  let onError: (event: string, data: object) => void = () => {}
  const hls = {
    levels: [{ uri: first, pathwayId: 'a' }],
    nextLoadLevel: 0,
    pathwayPriority,
    on(_: string, listener: typeof onError) {
      onError = listener
    },
  }
  failOver(hls as unknown as Hls)
  const fail = (url: string, code: number, details: string = ErrorDetails.LEVEL_LOAD_ERROR) =>
    onError('hlsError', { fatal: false, details, response: { url, code } })
  return { hls, fail }
}

test('an edge that does not respond is left for the next one', () => {
  const { hls, fail } = open(['a', 'b', 'c'])
  fail(first, 0)
  expect(hls.pathwayPriority).toEqual(['b', 'c', 'a'])
})

test('a failed part counts like a failed playlist, a failed steering manifest does not', () => {
  const { hls, fail } = open(['a', 'b'])
  fail(first, 0, ErrorDetails.UNKNOWN)
  expect(hls.pathwayPriority).toEqual(['a', 'b'])
  fail('http://first.test/live/demo/s_1/1/720p/3.2.m4s', 0, ErrorDetails.FRAG_LOAD_ERROR)
  expect(hls.pathwayPriority).toEqual(['b', 'a'])
})

test.each([404, 500, 502, 503])('an HTTP response, even with status %d, moves no player', (code) => {
  const { hls, fail } = open(['a', 'b'])
  fail(first, code)
  expect(hls.pathwayPriority).toEqual(['a', 'b'])
})

test('a late failure of an edge that was left moves no player', () => {
  const { hls, fail } = open(['a', 'b'])
  fail('http://former.test/live/demo/s_1/720p.m3u8', 0)
  expect(hls.pathwayPriority).toEqual(['a', 'b'])
})

test('edges behind one proxy differ by their paths', () => {
  const { hls, fail } = open(['a', 'b'])
  hls.levels = [{ uri: 'https://tv.test/a/live/demo/s_1/720p.m3u8', pathwayId: 'a' }]
  fail('https://tv.test/b/live/demo/s_1/720p.m3u8', 0)
  expect(hls.pathwayPriority).toEqual(['a', 'b'])
  fail('https://tv.test/a/live/demo/s_1/720p.m3u8', 0)
  expect(hls.pathwayPriority).toEqual(['b', 'a'])
})

test('a player without network or without another edge stays', () => {
  vi.stubGlobal('navigator', { onLine: false })
  const offline = open(['a', 'b'])
  offline.fail(first, 0)
  expect(offline.hls.pathwayPriority).toEqual(['a', 'b'])
  vi.stubGlobal('navigator', { onLine: true })
  const alone = open(null)
  alone.fail(first, 0)
  expect(alone.hls.pathwayPriority).toBeNull()
})
