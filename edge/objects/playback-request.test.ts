import { expect, test } from 'vitest'
import { mayBeHeld, parsePlaybackRequest } from './playback-request.ts'

const session = 's_abcdefghijklmnopqrstuv'
const base = `/live/demo/${session}`

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
