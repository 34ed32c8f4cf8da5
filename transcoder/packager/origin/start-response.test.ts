import { expect, test } from 'vitest'
import { parseStartIndex } from '../../../core/playback/start-bundle.ts'
import { writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import { base, start, writeMore } from '../../../test/kit/packager/served-presentation.ts'
import { videoNames } from '../../../test/kit/packager/test-presentation.ts'

const folder = base.slice('/live/demo/'.length)

/** Parses a start bundle. Returns its index, and its files by URI. */
function filesOf(body: Buffer) {
  const end = body.indexOf('\n')
  const index = parseStartIndex(body.toString('utf8', 0, end))
  let at = end + 1
  const files = new Map<string, Buffer>()
  for (const [uri, length] of index?.files ?? []) {
    files.set(uri, body.subarray(at, at + length))
    at += length
  }
  expect(at, 'length of the bundle').toBe(body.length)
  return { index, files }
}

test('a start bundle has the playlists, the init segments and the media from a keyframe on', async () => {
  const { ask, sink } = await start()
  writeMore(sink, 2480, 4880)
  const { status, headers, body } = await ask('/live/demo/start-12000-0.bin')
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'cache-control': 'public, max-age=1',
  })
  const { index, files } = filesOf(body)
  const names = [...files.keys()]
  expect(index?.backMs).toBe(1200)
  const rendition = index?.rendition ?? ''
  expect(names.slice(0, 5)).toEqual([
    'index.m3u8',
    `${folder}/${rendition}.m3u8`,
    `${folder}/audio.m3u8`,
    `${folder}/1/${rendition}/init.mp4`,
    `${folder}/1/audio/init.mp4`,
  ])
  for (const name of names)
    expect((await ask(`/live/demo/${name}`)).body.equals(files.get(name) ?? Buffer.alloc(0)), name).toBe(true)
  const video = names.filter((name) => name.includes(`/${rendition}/`) && name.endsWith('.m4s'))
  const playlist = String(files.get(`${folder}/${rendition}.m3u8`))
  const listed = [...playlist.matchAll(/PART:DURATION=.*URI="(1\/\w+\/\d+\.\d+\.m4s)"(,INDEPENDENT=YES)?/g)]
  const parts = listed.map(([, uri]) => `${folder}/${uri}`)
  expect(video).toEqual(parts.slice(parts.indexOf(video[0] ?? '')))
  const first = listed.find(([, uri]) => `${folder}/${uri}` === video[0])
  expect(first?.[2], 'begins with a keyframe').toBe(',INDEPENDENT=YES')
})

test('the rate chooses the rendition, the distance how much media there is', async () => {
  const { ask, sink } = await start()
  writeMore(sink, 2480, 6880)
  const of = async (path: string) => filesOf((await ask(`/live/demo/${path}`)).body)
  const slow = await of('start-400-0.bin')
  expect(slow.index?.rendition).not.toBe('')
  const far = await of('start-12000-4.bin')
  const near = await of('start-12000-0.bin')
  expect(far.index?.backMs).toBe(4000)
  expect(far.files.size).toBeGreaterThan(near.files.size)
})

test('the bundle begins with a keyframe, also when whole segments have none', async () => {
  const { ask, sink } = await start()
  writeAudio(sink, 2500, 15_500)
  writeVideo(sink, videoNames, { fromMs: 2480, toMs: 15_480, gopMs: 100_000 })
  const { index, files } = filesOf((await ask('/live/demo/start-12000-0.bin')).body)
  const first = [...files.keys()].find(
    (name) => name.includes(`/${index?.rendition}/`) && name.endsWith('.m4s'),
  )
  expect(first).toMatch(/\/1(\.0)?\.m4s$/)
})

test('there is no start bundle before the show is playable, nor after its end', async () => {
  const { presentation, ask } = await start({}, 0)
  const before = await ask('/live/demo/start-800-0.bin')
  expect([before.status, before.headers['retry-after']]).toEqual([404, '1'])
  presentation.end()
  expect((await ask('/live/demo/start-800-0.bin')).status).toBe(404)
  expect((await ask('/live/demo/start-801-0.bin')).status).toBe(404)
})
