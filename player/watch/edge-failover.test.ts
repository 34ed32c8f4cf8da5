import type Hls from 'hls.js'
import { ErrorDetails } from 'hls.js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { failOver } from './edge-failover.ts'

beforeEach(() => void vi.stubGlobal('navigator', { onLine: true }))
afterEach(() => void vi.unstubAllGlobals())

const first = 'http://first.test/live/demo/s_1/720p.m3u8'

/** hls.js as far as it is looked at, playing from the edge `a`; `fail` is what it tells of a request. */
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

test('an edge that gives no answer is left for the next one', () => {
  const { hls, fail } = open(['a', 'b', 'c'])
  fail(first, 0)
  expect(hls.pathwayPriority).toEqual(['b', 'c', 'a'])
})

test('it is left for a part as well as for a playlist, but not for a steering manifest', () => {
  const { hls, fail } = open(['a', 'b'])
  fail(first, 0, ErrorDetails.UNKNOWN)
  expect(hls.pathwayPriority).toEqual(['a', 'b'])
  fail('http://first.test/live/demo/s_1/1/720p/3.2.m4s', 0, ErrorDetails.FRAG_LOAD_ERROR)
  expect(hls.pathwayPriority).toEqual(['b', 'a'])
})

test.each([404, 500, 502, 503])('an answer, also a bad one (%d), moves nobody', (code) => {
  const { hls, fail } = open(['a', 'b'])
  fail(first, code)
  expect(hls.pathwayPriority).toEqual(['a', 'b'])
})

test('what an edge that was left has to say, late, moves nobody', () => {
  const { hls, fail } = open(['a', 'b'])
  fail('http://former.test/live/demo/s_1/720p.m3u8', 0)
  expect(hls.pathwayPriority).toEqual(['a', 'b'])
})

test('nobody moves who has no network, or nowhere to go', () => {
  vi.stubGlobal('navigator', { onLine: false })
  const offline = open(['a', 'b'])
  offline.fail(first, 0)
  expect(offline.hls.pathwayPriority).toEqual(['a', 'b'])
  vi.stubGlobal('navigator', { onLine: true })
  const alone = open(null)
  alone.fail(first, 0)
  expect(alone.hls.pathwayPriority).toBeNull()
})
