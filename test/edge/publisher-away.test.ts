import { afterEach, expect, test } from 'vitest'
import { type EdgeBeforePackager, startEdgeBeforePackager } from '../kit/edge/edge-before-packager.ts'
import { waitFor } from '../kit/wait-for.ts'

let edge: EdgeBeforePackager | undefined
afterEach(async () => {
  await edge?.close()
  edge = undefined
})

/** Ends the source, and returns the playlist of 720p once the edge knows that there is no source. */
async function withoutSource({ ask, base, presentation }: EdgeBeforePackager) {
  presentation.pause.begin()
  const { status, headers, body } = await ask(`${base}/720p.m3u8?_HLS_msn=6&_HLS_part=0`)
  expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
  return body.toString()
}

test.each([
  ['a blocking reload', '?_HLS_msn=6&_HLS_part=0'],
  ['a reload for a whole segment', '?_HLS_msn=6'],
  ['a reload without directives', ''],
])('while the publisher is away, %s waits, and gets the first media that comes', async (_what, query) => {
  edge = await startEdgeBeforePackager(12_080)
  const { ask, base, held, writeTo } = edge
  const still = await withoutSource(edge)
  const asked = ask(`${base}/720p.m3u8${query}`)
  await waitFor('the request to be held', () => held() === 1)
  writeTo(12_480)
  if (query.endsWith('msn=6')) writeTo(14_080)
  const text = (await asked).body.toString()
  expect(text).toContain('1/720p/6.0.m4s')
  expect(text).not.toBe(still)
})

test('while the publisher is away, reloads get the playlist as it is, at one request to the origin', async () => {
  edge = await startEdgeBeforePackager(12_080)
  const { ask, base, asked } = edge
  const still = await withoutSource(edge)
  const before = asked.length
  const queries = ['?_HLS_msn=6&_HLS_part=0', '', '?_HLS_msn=6&_HLS_part=1', '']
  const responses = await Promise.all(queries.map((query) => ask(`${base}/720p.m3u8${query}`)))
  for (const { status, headers, body } of responses) {
    expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
    expect(body.toString()).toBe(still)
  }
  expect(asked.length - before).toBe(1)
})

test('once there is media again, reloads without directives are answered at once', async () => {
  edge = await startEdgeBeforePackager(12_080)
  const { ask, base, writeTo } = edge
  await withoutSource(edge)
  const waiting = ask(`${base}/720p.m3u8?_HLS_msn=6&_HLS_part=0`)
  await waitFor('the request to be held', () => edge?.held() === 1)
  writeTo(12_480)
  await waiting
  const { headers } = await ask(`${base}/720p.m3u8`)
  expect(headers['cache-control']).toBe('public, max-age=1')
})
