import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OverloadStep } from '../../edge/overload/overload-control.ts'
import { type EdgeBeforePackager, startEdgeBeforePackager } from '../kit/edge/edge-before-packager.ts'

let edge: EdgeBeforePackager

beforeAll(async () => {
  edge = await startEdgeBeforePackager()
})
afterAll(() => edge?.close())

const inParts = '?_HLS_msn=1&_HLS_part=0'

test.each<[OverloadStep, newcomer: boolean, newcomerInSegments: boolean, playingParts: boolean]>([
  ['open', true, true, true],
  ['sparing', false, false, true],
  ['relaxed', false, false, false],
  ['refusing', false, false, false],
])('%s: who gets parts', async (step, ...expected) => {
  edge.overload.state = { step, admitRatio: 1 }
  const got = await Promise.all(
    ['', '?_HLS_msn=0', inParts].map(async (directives) => {
      const { status, body } = await edge.ask(`${edge.base}/720p.m3u8${directives}`)
      expect(status).toBe(200)
      return body.toString().includes('#EXT-X-PART:')
    }),
  )
  expect(got).toEqual(expected)
})

test.each<[OverloadStep, number]>([
  ['open', 200],
  ['sparing', 404],
])('%s: the start bundle, which has parts, gets %d', async (step, status) => {
  edge.overload.state = { step, admitRatio: 1 }
  expect((await edge.ask('/live/demo/start-400-0.bin')).status).toBe(status)
})
