import { expect, test } from 'vitest'
import { createRequestParser, mayBeHeld, parsePlaybackRequest } from './playback-request.ts'

const session = 's_abcdefghijklmnopqrstuv'
const base = `/live/demo/${session}`
const playlist = `${base}/720p.m3u8`

test.each([
  ['/live/demo/index.m3u8?_HLS_msn=1&token=x', '/live/demo/index.m3u8', 'multivariant'],
  [`${base}/720p.m3u8?token=x`, `${base}/720p.m3u8`, 'playlist'],
  [`${base}/720p.m3u8?`, `${base}/720p.m3u8`, 'playlist'],
  [`${base}/720p.m3u8?_HLS_skip=YES`, `${base}/720p.m3u8?_HLS_skip=YES`, 'playlist'],
  [`${base}/720p.m3u8?b=1&_HLS_msn=3`, `${base}/720p.m3u8?_HLS_msn=3`, 'held_playlist'],
  [`${base}/1/720p/init.mp4?CMCD=x`, `${base}/1/720p/init.mp4`, 'init'],
  [`${base}/1/720p/5.m4s?_HLS_msn=garbage`, `${base}/1/720p/5.m4s`, 'segment'],
  [`${base}/1/720p/5.2.m4s`, `${base}/1/720p/5.2.m4s`, 'part'],
])('%s', (target, key, kind) => expect(parsePlaybackRequest(target)).toMatchObject({ key, class: kind }))

test('invalid targets are refused', () => {
  expect(parsePlaybackRequest(`${base}/720p.m3u8?_HLS_part=3`)).toBe(400)
  expect(parsePlaybackRequest(`${base}/720p.ts`)).toBe(404)
  expect(parsePlaybackRequest(`${base}/720p.m3u8#a`)).toBe(404)
  expect(parsePlaybackRequest(`/live/${'a/'.repeat(5000)}`)).toBe(404)
  expect(parsePlaybackRequest('')).toBe(404)
})

test('an origin may hold media playlists and hinted parts only', () => {
  for (const kind of ['held_playlist', 'playlist', 'part'] as const) expect(mayBeHeld(kind)).toBe(true)
  for (const kind of ['multivariant', 'init', 'segment'] as const) expect(mayBeHeld(kind)).toBe(false)
})

test('a target is parsed once', () => {
  const parse = createRequestParser()
  const target = `${playlist}?_HLS_msn=7&_HLS_part=1&_HLS_skip=YES`
  const request = parse(target)
  expect(request).toEqual(parsePlaybackRequest(target))
  expect(parse(target)).toBe(request)
})

test('only the newest targets are kept, and no long ones', () => {
  const parse = createRequestParser()
  const first = parse(playlist)
  const long = `${playlist}?${'a'.repeat(1000)}`
  expect(parse(long)).not.toBe(parse(long))
  for (let msn = 0; msn < 1024; msn++) parse(`${playlist}?_HLS_msn=${msn}`)
  expect(parse(playlist)).toEqual(first)
  expect(parse(playlist)).not.toBe(first)
})
