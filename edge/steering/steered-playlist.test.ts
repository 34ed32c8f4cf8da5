import { expect, test } from 'vitest'
import type { PublicPlace } from '../../core/contracts/public-place.ts'
import { testObject } from '../../test/kit/edge/media-object.ts'
import { addSteering, createSteer } from './steered-playlist.ts'

const place: PublicPlace = { url: null, scheme: 'http', host: '0.0.0.0', port: 8080 }
const sessionId = 's_AAAAAAAAAAAAAAAAAAAAAA'

const objectOf = (kind: 'multivariant' | 'playlist') =>
  testObject({
    class: kind,
    slug: 'show',
    sessionId,
    body: Buffer.from(`#EXTM3U\n${'#EXT-X-STREAM-INF:BANDWIDTH=1\ns/720p.m3u8\n'.repeat(10)}`),
  })
const multivariant = objectOf('multivariant')

function uriFor(headers: Record<string, string>, token = ''): string | undefined {
  const steered = createSteer({ steering: place }, 'a')({ headers, token }, multivariant)
  return /SERVER-URI="([^"]*)"/.exec(steered.plain.body.toString())?.[1]
}

test('the steering server has the host name by which the edge was reached, in HTTP/1.1 and HTTP/2', () => {
  const uri = `http://show.example:8080/steering/show?session=${sessionId}&from=a`
  expect(uriFor({ host: 'show.example:8088' })).toBe(uri)
  expect(uriFor({ ':authority': 'show.example:8088' })).toBe(uri)
})

test.each(['evil"\n#EXT', 'a b', '"'])('a host such as %j is ignored', (host) => {
  expect(uriFor({ host })).toContain('http://127.0.0.1:8080/')
})

test('a token is passed on, and what cannot be one is not', () => {
  expect(uriFor({ host: 'a' }, '1.abc.d-_')).toMatch(/&from=a&token=1\.abc\.d-_$/)
  expect(uriFor({ host: 'a' }, '"\n#EXT')).toMatch(/&from=a$/)
})

test('other objects are not changed, and none is while there is no other edge', () => {
  const steer = createSteer({ steering: place }, 'a')
  const media = objectOf('playlist')
  expect(steer({ headers: {}, token: '' }, media)).toBe(media)
  expect(createSteer({ steering: undefined }, 'a')({ headers: {}, token: '' }, multivariant)).toBe(
    multivariant,
  )
})

test('one variant serves all viewers with the same host, with its own length and tag', () => {
  const steer = createSteer({ steering: place }, 'a')
  const exchange = { headers: { host: 'a' }, token: '' }
  const steered = steer(exchange, multivariant)
  expect(steer(exchange, multivariant)).toBe(steered)
  expect(steered.length).toBe(steered.plain.body.length)
  expect(steered.plain.headers.at(-1)).toBe(String(steered.length))
  expect(steered.plain.etag).not.toBe(multivariant.plain.etag)
  expect(steered.plain.headers.filter((name) => name === 'etag')).toHaveLength(1)
})

const playlistText = `#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",URI="s/audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO="audio"
s/720p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="audio"
s/360p.m3u8
`
const steeredText = `#EXTM3U
#EXT-X-CONTENT-STEERING:SERVER-URI="http://m/steering/show",PATHWAY-ID="a"
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",URI="s/audio.m3u8"
#EXT-X-STREAM-INF:PATHWAY-ID="a",BANDWIDTH=2,AUDIO="audio"
s/720p.m3u8
#EXT-X-STREAM-INF:PATHWAY-ID="a",BANDWIDTH=1,AUDIO="audio"
s/360p.m3u8
`

test('the tag is added once, and each variant names its pathway', () => {
  expect(addSteering(playlistText, { serverUri: 'http://m/steering/show', pathway: 'a' })).toBe(steeredText)
})

test('steering of another edge is replaced', () => {
  const upstream = addSteering(playlistText, { serverUri: 'http://elsewhere/', pathway: 'shield' })
  expect(addSteering(upstream, { serverUri: 'http://m/steering/show', pathway: 'a' })).toBe(steeredText)
})
