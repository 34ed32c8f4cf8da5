import { afterEach, expect, test } from 'vitest'
import { deltaUpdate } from '../../edge/objects/delta-playlist.ts'
import { createPresentation } from '../../transcoder/packager/packager.ts'
import { type EdgeBeforePackager, startEdgeBeforePackager } from '../kit/edge/edge-before-packager.ts'
import { writeAudio, writeVideo } from '../kit/packager/media.ts'
import { begin, playlistOf, testOptions, videoNames } from '../kit/packager/test-presentation.ts'
import { waitFor } from '../kit/wait-for.ts'

let edge: EdgeBeforePackager | undefined
afterEach(async () => {
  await edge?.close()
  edge = undefined
})

const hintOf = (playlist: string) => /^#EXT-X-PRELOAD-HINT:.*URI="([^"]+)"/m.exec(playlist)?.[1] ?? ''

test('once a part was given, every playlist lists it, at one request for each version', async () => {
  edge = await startEdgeBeforePackager(12_080)
  const { ask, base, held } = edge
  const playlist = `${base}/720p.m3u8`
  let text = (await ask(playlist)).body.toString()
  const before = edge.asked.filter((target) => target.startsWith(playlist)).length
  let versions = 0
  for (let ms = 12_480; ms <= 20_080; ms += 400) {
    const hint = hintOf(text)
    const part = ask(`${base}/${hint}`)
    await waitFor('the part to be held', () => held() === 1, { everyMs: 2 })
    edge.writeTo(ms)
    expect((await part).status, hint).toBe(200)
    versions += 1
    const forms = ['', '?_HLS_skip=YES', '?_HLS_msn=1', '?_HLS_msn=5&_HLS_part=2', '?_HLS_msn=5&_HLS_skip=v2']
    const responses = await Promise.all(
      [...forms, ...forms].map(async (form) => (await ask(playlist + form)).body.toString()),
    )
    for (const [n, response] of responses.entries())
      expect(response, `${hint} in ${forms[n % forms.length]}`).toContain(`URI="${hint}"`)
    text = responses[0] ?? ''
    expect(hintOf(text), 'the next part').not.toBe(hint)
  }
  const asked = edge.asked.filter((target) => target.startsWith(playlist)).length - before
  expect(asked).toBeLessThanOrEqual(versions)
})

test('a playlist that a player waits for replaces all that were sent before', async () => {
  edge = await startEdgeBeforePackager(12_080)
  const { ask, base, held } = edge
  const playlist = `${base}/720p.m3u8`
  const first = await ask(playlist)
  expect(first.headers['cache-control']).toBe('public, max-age=1')
  const exact = '?_HLS_msn=6&_HLS_part=0'
  const reload = ask(playlist + exact)
  await waitFor('the reload to be held', () => held() === 1)
  edge.writeTo(12_480)
  expect((await reload).headers['cache-control']).toBe('public, s-maxage=12, max-age=0')
  const plain = await ask(playlist)
  expect(plain.body.toString()).toBe((await reload).body.toString())
  expect(plain.headers['cache-control'], 'for caches on the way').toBe('public, max-age=1')
  expect(plain.headers.etag).not.toBe(first.headers.etag)
  const asked = edge.asked.length
  for (const form of [exact, `${exact}&_HLS_skip=YES`, '', '?_HLS_skip=YES']) await ask(playlist + form)
  expect(edge.asked.length).toBe(asked)
})

test('the delta updates of the edge are those of the packager', () => {
  const presentation = createPresentation(testOptions({ windowSegments: 14 }))
  const sink = begin(presentation)
  const names = [...videoNames, 'audio']
  const compare = () => {
    for (const name of names)
      expect(deltaUpdate(playlistOf(presentation, name))).toBe(playlistOf(presentation, name, true))
  }
  let number = 0
  for (let ms = 0; ms < 44_000; ms += 200) {
    writeAudio(sink, ms, ms + 200)
    writeVideo(sink, videoNames, { fromMs: ms, toMs: ms + 200 })
    number += Number(playlistOf(presentation, 'audio', true).includes('#EXT-X-SKIP'))
    compare()
  }
  expect(number, 'many of them skip something').toBeGreaterThan(50)
  presentation.end()
  compare()
})
