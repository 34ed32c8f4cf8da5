import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import { base, start, untilHeld, writeMore } from '../../../test/kit/packager/served-presentation.ts'
import { videoNames } from '../../../test/kit/packager/test-presentation.ts'

test('a hinted part is held and then sent whole; one that is not hinted is 404', async () => {
  const { presentation, sink, ask } = await start()
  const { asked, isPending } = await untilHeld(presentation, ask(`${base}/1/720p/1.1.m4s`))
  expect((await ask(`${base}/1/720p/1.2.m4s`)).status).toBe(404)
  expect(isPending()).toBe(true)
  writeMore(sink, 2480, 2880)
  const { status, headers, body } = await asked
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'video/mp4',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-length': String(body.length),
  })
  expect(body.subarray(4, 8).toString()).toBe('moof')
})

test('a hinted part that never comes is 404', async () => {
  const { presentation, sink, ask } = await start({}, 2400)
  const { asked } = await untilHeld(presentation, ask(`${base}/1/720p/1.1.m4s`))
  sink.endAll()
  expect((await asked).status).toBe(404)
})

test('init, segment and parts: a segment is its parts', async () => {
  const { ask } = await start()
  const init = await ask(`${base}/1/audio/init.mp4`)
  expect(init.headers['content-type']).toBe('audio/mp4')
  expect(init.body.subarray(4, 8).toString()).toBe('ftyp')
  const parts = await Promise.all([0, 1, 2, 3, 4].map((part) => ask(`${base}/1/720p/0.${part}.m4s`)))
  const segment = await ask(`${base}/1/720p/0.m4s`)
  expect(Buffer.concat(parts.map(({ body }) => body)).equals(segment.body)).toBe(true)
  for (const path of ['2/720p/0.m4s', '1/720p/7.m4s', '1/480p/0.m4s', '2/720p/init.mp4', '1/720p/0.5.m4s'])
    expect((await ask(`${base}/${path}`)).status).toBe(404)
})

test('playlists are compressed for clients that accept gzip', async () => {
  const { ask } = await start()
  const plain = await ask(`${base}/720p.m3u8`)
  expect(plain.headers).toMatchObject({
    'content-type': 'application/vnd.apple.mpegurl',
    'cache-control': 'public, max-age=1',
    vary: 'accept-encoding',
  })
  const small = await ask(`${base}/720p.m3u8`, { headers: { 'accept-encoding': 'br, gzip;q=0.5' } })
  expect(small.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(small.body).equals(plain.body)).toBe(true)
  const refused = await ask(`${base}/720p.m3u8`, { headers: { 'accept-encoding': 'gzip;q=0' } })
  expect(refused.headers['content-encoding']).toBeUndefined()
})

test('HEAD has the headers of GET without the body', async () => {
  const { ask } = await start()
  for (const path of ['/live/demo/index.m3u8', `${base}/720p.m3u8`, `${base}/1/720p/0.m4s`]) {
    const [get, head] = [await ask(path), await ask(path, { method: 'HEAD' })]
    expect(head.status).toBe(200)
    expect(head.body).toHaveLength(0)
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
  }
})

test('requests without the secret, with another method, or for anything else are refused', async () => {
  const { ask } = await start()
  expect((await ask('/live/demo/index.m3u8', { headers: { authorization: 'Bearer wrong' } })).status).toBe(
    401,
  )
  expect((await ask('/live/demo/index.m3u8', { method: 'POST' })).status).toBe(405)
  for (const path of [
    '/',
    '/live/demo/../demo/index.m3u8',
    '/live/other/index.m3u8',
    `${base}/nope.m3u8`,
    '/live/demo/s_BBBBBBBBBBBBBBBBBBBBBB/720p.m3u8',
  ])
    expect((await ask(path)).status).toBe(404)
})

test('a channel that is not live yet, or no longer: 404 with Retry-After', async () => {
  const { presentation, sink, ask } = await start({}, 0)
  const before = await ask('/live/demo/index.m3u8')
  expect([before.status, before.headers['retry-after']]).toEqual([404, '1'])
  writeMore(sink, 0, 480)
  writeAudio(sink, 0, 500)
  writeVideo(sink, videoNames, { fromMs: 480, toMs: 520 })
  expect((await ask('/live/demo/index.m3u8')).status).toBe(200)
  presentation.end()
  expect((await ask('/live/demo/index.m3u8')).status).toBe(404)
})
