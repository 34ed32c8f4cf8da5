import { spawn } from 'node:child_process'
import * as HLS from 'hls-parser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multivariantPath } from '../../core/playback/media-paths.ts'
import { startEncoder } from '../kit/packager/encoder.ts'
import { asEdge, createPackagerServer } from '../kit/packager/packager-server.ts'
import { makeSource } from '../kit/packager/source.ts'
import { makeTempDir } from '../kit/temp-dir.ts'

const directory = makeTempDir()
const server = createPackagerServer({ partMs: 333, video: ['180p', '90p'] })
let base = ''
let encoder: ReturnType<typeof startEncoder>

beforeAll(async () => {
  const source = makeSource(directory.path, 'live', { seconds: 20 })
  base = `http://127.0.0.1:${await server.listen()}`
  const frameMs = 1000 / 30
  const leader = { rendition: '180p' }
  const sink = server.presentation.beginEpoch({ epoch: 1, leader, frameMs, gopMs: 2000 })
  encoder = startEncoder({
    source,
    sink,
    frameMs,
    paced: true,
    renditions: [
      { name: '180p', from: 'copy' },
      { name: '90p', from: 90 },
      { name: 'audio', from: 'audio' },
    ],
  })
  await server.presentation.playable
})

afterAll(async () => {
  encoder.stop()
  await encoder.ended
  server.presentation.end()
  await server.close()
  directory.remove()
})

const get = (path: string) => fetch(new URL(path, base), { headers: asEdge })

async function playlistUris() {
  const text = await (await get(multivariantPath(server.slug))).text()
  const parsed = HLS.parse(text)
  if (!('variants' in parsed)) throw new Error('not a multivariant playlist')
  return parsed.variants.map(({ uri }) => new URL(uri, base + multivariantPath(server.slug)).pathname)
}

/**
 * Returns segment and part number of the last part in a playlist of 180p, listed or hinted; NaN without one.
 */
function lastPart(playlist: string) {
  const [, msn, part] = [...playlist.matchAll(/URI="1\/180p\/(\d+)\.(\d+)\.m4s"/g)].at(-1) ?? []
  return { msn: Number(msn), part: Number(part) }
}

test('a client that follows the hints with blocking reloads gets every part, one in each response', async () => {
  const [uri = ''] = await playlistUris()
  let hinted = lastPart(await (await get(uri)).text())
  for (let reload = 0; reload < 12; reload++) {
    const response = await get(`${uri}?_HLS_msn=${hinted.msn}&_HLS_part=${hinted.part}`)
    expect(response.status).toBe(200)
    const text = await response.text()
    const next = lastPart(text)
    expect(text).toContain(`#EXT-X-PART:DURATION=0.33`)
    expect(next).not.toEqual(hinted)
    expect(text).toMatch(new RegExp(`#EXT-X-PART:.*URI="1/180p/${hinted.msn}\\.${hinted.part}\\.m4s"`))
    hinted = next
  }
})

test('hls-parser can read every playlist', async () => {
  for (const uri of await playlistUris()) {
    const text = await (await get(uri)).text()
    const playlist = HLS.parse(text)
    if ('variants' in playlist) throw new Error('not a media playlist')
    expect(playlist.targetDuration).toBe(2)
    expect(playlist.partTargetDuration).toBe(0.334)
    expect(playlist.lowLatencyCompatibility).toMatchObject({ canBlockReload: true, canSkipUntil: 12 })
  }
})

test('ffmpeg can play it', async () => {
  const player = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-headers', `Authorization: ${asEdge.authorization}\r\n`],
      ...['-i', base + multivariantPath(server.slug)],
      ...['-t', '3', '-map', '0:v:0', '-map', '0:a:0', '-f', 'null', '-'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let complaints = ''
  player.stderr.on('data', (text) => {
    complaints += text
  })
  const code = await new Promise((resolve) => player.once('close', resolve))
  expect(complaints).toBe('')
  expect(code).toBe(0)
})

test('the packager adds hardly any delay to a part', () => {
  const { count, p50 = 0 } = server.delays()
  expect(count).toBeGreaterThan(20)
  expect(p50).toBeLessThan(10)
})
