import { expect, test } from 'vitest'
import { joinToken, splitToken } from './media-paths.ts'

test.each([
  ['/live/t/1.a.b/show/index.m3u8', '1.a.b', '/live/show/index.m3u8'],
  ['/live/t/1.a.b/t/index.m3u8', '1.a.b', '/live/t/index.m3u8'],
  ['/live/t/1.a.b/show/s_1/720p.m3u8?_HLS_msn=1', '1.a.b', '/live/show/s_1/720p.m3u8?_HLS_msn=1'],
  ['/live/t//show/index.m3u8', '', '/live/show/index.m3u8'],
  ['/live/t/1.a.b/../show/index.m3u8', '1.a.b', '/live/../show/index.m3u8'],
  ['/live/t/1.a.b/t/2.a.b/show/index.m3u8', '1.a.b', '/live/t/2.a.b/show/index.m3u8'],
])('%s has a token', (given, token, target) => {
  expect(splitToken(given)).toEqual({ token, target })
})

test.each([
  '/live/show/index.m3u8',
  '/live/t/index.m3u8',
  '/live/t/s_0123456789012345678901/720p.m3u8',
  '/live/t/s_0123456789012345678901/1/720p/1.m4s',
  '/live/t/1.a.b',
  '/live/T/1.a.b/show/index.m3u8',
  '/live/tt/1.a.b/show/index.m3u8',
  '/live//t/1.a.b/show/index.m3u8',
])('%s has none', (given) => {
  expect(splitToken(given)).toBeUndefined()
})

test('a token that was split off can be put back', () => {
  const given = '/live/t/1.a.b/show/s_1/720p.m3u8?_HLS_msn=1'
  expect(joinToken(splitToken(given) ?? { token: '', target: '' })).toBe(given)
  expect(joinToken({ token: '', target: '/live/show/index.m3u8' })).toBe('/live/show/index.m3u8')
})
