import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, peerCredentials, startEdgeLine } from '../kit/edge/edge-line.ts'
import { mediaReply, playlistReply } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { sendRaw } from '../kit/http/raw-connection.ts'
import { waitFor } from '../kit/wait-for.ts'

let line: EdgeLine
let base: string
beforeAll(async () => {
  line = await startEdgeLine()
  base = (await line.goLive('demo')).base
})
afterAll(() => line.close())

const longPlaylist = `#EXTM3U\n${'#EXTINF:2,\n1/720p/1.m4s\n'.repeat(50)}`

test('paths other than exactly those of playback are 404 and reach no origin', async () => {
  await line.goLive('other')
  const before = line.origin.targets.length
  const session = base.slice('/live/demo/'.length)
  const tricks = [
    '/',
    '/live',
    '/live/demo',
    '/live/demo/',
    '/live/demo/index.m3u8/',
    '/live/./demo/index.m3u8',
    '/live/demo/../demo/index.m3u8',
    '/live/demo/index.m3u8%00',
    '/live/demo%2findex.m3u8',
    '/LIVE/demo/index.m3u8',
    '/live/demo/index.m3u8;a=b',
    `/live/demo/${session}/..%2f..%2fsecret.m3u8`,
    `/live/demo/${session}/../../other/index.m3u8`,
    `/live/demo/${session}/720p.m3u8/`,
    `/live/demo/${session}/01/720p/1.m4s`,
    `/live/demo/${session}/1/720p/-1.m4s`,
    `/live/demo/${session}/1/720p/1.0.0.m4s`,
    `/live/demo/${session}/1/720p/99999999999999999999.m4s`,
    `/live/demo/${session}\\720p.m3u8`,
    `/live/other/${session}/720p.m3u8`,
    '/live/demo/s_0123456789012345678901/720p.m3u8',
    `/live/demo/${'x'.repeat(8000)}`,
    `/${'/'.repeat(8000)}`,
    '*',
  ]
  for (const path of tricks) {
    const response = await sendRaw(
      line.url,
      `GET ${path} HTTP/1.1\r\nHost: \tevil.example:x\r\n\r\n`,
      /\r\n\r\n/,
    )
    expect(response.split('\r\n', 1)[0], path).toMatch(/^HTTP\/1\.1 40[04] /)
  }
  for (const target of ['/live/demo/\0', '/live/demo/index.m3u8 x'])
    expect(await sendRaw(line.url, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`, /\r\n\r\n/)).toMatch(
      /^HTTP\/1\.1 400 /,
    )
  expect(line.origin.targets.slice(before)).toEqual([])
})

test('one canonical rule: unusual forms of a path are the same object', async () => {
  const target = `${base}/canon.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U\n#canon', 60))
  const forms = [
    target,
    `/${target}`,
    target.replaceAll('/', '//'),
    target.replace('demo', '%64emo').replace('.m3u8', '%2Em3u8'),
    `http://tv.example${target}`,
    `HTTPS://tv.example:443/${target}?_=1`,
    `//live/t/a%2Db${target.slice('/live'.length)}`,
  ]
  for (const form of forms)
    for (const method of ['GET', 'HEAD']) {
      const [head = '', body] = (
        await sendRaw(line.url, `${method} ${form} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
      ).split('\r\n\r\n')
      expect(head.split('\r\n', 1)[0], `${method} ${form}`).toBe('HTTP/1.1 200 OK')
      expect(body).toBe(method === 'GET' ? '#EXTM3U\n#canon' : '')
    }
  expect(line.origin.asked(target)).toBe(1)
  expect((await get(line.url, { path: `http://a${target}`, method: 'OPTIONS' })).status).toBe(204)
  expect((await get(line.url, { path: 'http://a/healthz' })).status).toBe(200)
})

test('If-Match with another tag is 412', async () => {
  const target = `${line.url}${base}/match.m3u8`
  line.origin.on(`${base}/match.m3u8`, playlistReply('#EXTM3U', 60))
  const etag = String((await get(target)).headers.etag)
  const status = async (tag: string) => (await get(target, { headers: { 'if-match': tag } })).status
  expect([
    await status('"x"'),
    await status(`W/${etag}`),
    await status(`"x", ${etag}`),
    await status('*'),
  ]).toEqual([412, 412, 200, 200])
})

test('a start bundle is requested once for all newcomers of a moment, and again after that', async () => {
  const target = '/live/demo/start-800-0.bin'
  line.origin.on(target, mediaReply(Buffer.from('bundle')))
  const [first, second] = await Promise.all([
    get(line.url + target),
    get(`${line.url}${target}?CMCD=sid%3D1`),
  ])
  expect([first, second].map(({ body }) => body.toString())).toEqual(['bundle', 'bundle'])
  expect(line.origin.asked(target)).toBe(1)
  await waitFor('a newer bundle', async () => {
    await get(line.url + target)
    return line.origin.asked(target) > 1
  })
})

test('only directives select the object, in any order; other parameters do not', async () => {
  const target = `${base}/720p.m3u8?_HLS_msn=5&_HLS_part=1`
  line.origin.on(target, playlistReply('#EXTM3U', 12))
  for (const query of [
    '_HLS_msn=5&_HLS_part=1&_HLS_skip=YES',
    '_HLS_skip=YES&_HLS_part=1&_HLS_msn=5',
    '_HLS_msn=5&_HLS_throughput=9000&_HLS_part=1&token=abc&CMCD=br%3D900&_HLS_skip=YES',
  ])
    expect((await get(`${line.url}${base}/720p.m3u8?${query}`)).status, query).toBe(200)
  expect(line.origin.asked(target)).toBe(1)
})

test('malformed, repeated or incomplete directives are 400', async () => {
  const before = line.origin.targets.length
  for (const query of [
    '_HLS_part=1',
    '_HLS_msn=',
    '_HLS_msn',
    '_HLS_msn=-1',
    '_HLS_msn=1e3',
    '_HLS_msn=0x10',
    '_HLS_msn=%31',
    '_HLS_msn=1&_HLS_msn=2',
    '_HLS_msn=1&_HLS_part=99999999999999999999',
    '_HLS_skip=no',
    '_HLS_skip=YES&_HLS_skip=v2',
  ])
    expect((await get(`${line.url}${base}/720p.m3u8?${query}`)).status, query).toBe(400)
  expect(line.origin.targets.length).toBe(before)
})

test('playlists are compressed for clients that accept it, media is not', async () => {
  const playlist = `${base}/zip.m3u8`
  const segment = `${base}/1/720p/1.m4s`
  line.origin.on(playlist, playlistReply(longPlaylist))
  line.origin.on(segment, mediaReply(Buffer.alloc(5000)))
  const headers = { 'accept-encoding': 'br, gzip' }
  const packed = await get(line.url + playlist, { headers })
  expect(packed.headers).toMatchObject({
    'content-encoding': 'gzip',
    'content-length': String(packed.body.length),
    vary: 'Accept-Encoding',
  })
  expect(gunzipSync(packed.body).toString()).toBe(longPlaylist)
  const plain = await get(line.url + playlist, { headers: { 'accept-encoding': 'gzip;q=0, identity' } })
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(plain.headers.vary).toBe('Accept-Encoding')
  expect(plain.body.toString()).toBe(longPlaylist)
  expect((await get(line.url + segment, { headers })).headers['content-encoding']).toBeUndefined()
})

test('Age counts from when the origin made the object, including time in earlier caches', async () => {
  const target = `${base}/aged.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U', 12, { age: '7' }))
  expect((await get(line.url + target)).headers.age).toBe('7')
})

test('HEAD has the headers of GET and no body, both with type, length, lifetime and open CORS', async () => {
  const target = `${base}/head.m3u8`
  line.origin.on(target, playlistReply(longPlaylist, 2))
  const head = await get(line.url + target, { method: 'HEAD' })
  const whole = await get(line.url + target)
  expect(head.body.length).toBe(0)
  expect({ ...head.headers, date: '' }).toEqual({ ...whole.headers, date: '' })
  expect(whole.headers).toMatchObject({
    'content-type': 'application/vnd.apple.mpegurl',
    'content-length': String(longPlaylist.length),
    'cache-control': 'max-age=2',
    'access-control-allow-origin': '*',
    'timing-allow-origin': '*',
    'x-content-type-options': 'nosniff',
  })
  expect(whole.headers['access-control-expose-headers']).toContain('Age')
  expect(line.origin.asked(target)).toBe(1)
})

test('a preflight succeeds, other methods are refused', async () => {
  const target = `${line.url}${base}/720p.m3u8`
  const preflight = await get(target, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://page.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization,x-my-player, cache-control',
      'access-control-request-private-network': 'true',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD, OPTIONS',
    'access-control-allow-headers': 'authorization,x-my-player, cache-control',
    'access-control-allow-private-network': 'true',
    'access-control-max-age': '86400',
  })
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE'])
    expect((await get(target, { method })).status, method).toBe(405)
})

test('only the origin gets the peer key, and nothing from the viewer', async () => {
  const target = `${base}/1/720p/secret.m4s`.replace('secret', '77')
  line.origin.on(target, (response) => {
    response.setHeader('set-cookie', 'a=b')
    response.setHeader('x-internal', 'c')
    mediaReply(Buffer.from('media'))(response, target)
  })
  const response = await get(line.url + target, {
    headers: { authorization: 'Bearer of-the-viewer', cookie: 'session=1', 'x-forwarded-for': '1.2.3.4' },
  })
  expect(line.origin.lastHeaders.authorization).toBe(peerCredentials)
  expect(Object.keys(line.origin.lastHeaders).sort()).toEqual([
    'accept-encoding',
    'authorization',
    'connection',
    'host',
  ])
  expect(JSON.stringify(response.headers)).not.toMatch(/a=b|x-internal|cluster-secret/)
})
