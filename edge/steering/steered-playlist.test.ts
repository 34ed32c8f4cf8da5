import { expect, test } from 'vitest'
import type { PublicPlace } from '../../core/contracts/public-place.ts'
import { testObject } from '../../test/kit/media-object.ts'
import type { Exchange } from '../http/exchange.ts'
import { createSteer } from './steered-playlist.ts'

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
  const steered = createSteer({ steering: place }, 'a')(
    { headers, token } as unknown as Exchange,
    multivariant,
  )
  return /SERVER-URI="([^"]*)"/.exec(steered.plain.body.toString())?.[1]
}

test('the steering server is reached under the name by which the edge was, in HTTP/1.1 and HTTP/2', () => {
  const uri = `http://show.example:8080/steering/show?session=${sessionId}&from=a`
  expect(uriFor({ host: 'show.example:8088' })).toBe(uri)
  expect(uriFor({ ':authority': 'show.example:8088' })).toBe(uri)
})

test.each(['evil"\n#EXT', 'a b', '"'])('a host such as %j leads nowhere', (host) => {
  expect(uriFor({ host })).toContain('http://127.0.0.1:8080/')
})

test('a token goes along, what cannot be one does not', () => {
  expect(uriFor({ host: 'a' }, '1.abc.d-_')).toMatch(/&from=a&token=1\.abc\.d-_$/)
  expect(uriFor({ host: 'a' }, '"\n#EXT')).toMatch(/&from=a$/)
})

test('nothing else is touched, nor anything while there is no choice', () => {
  const steer = createSteer({ steering: place }, 'a')
  const media = objectOf('playlist')
  expect(steer({ headers: {}, token: '' } as unknown as Exchange, media)).toBe(media)
  expect(createSteer({ steering: undefined }, 'a')({} as Exchange, multivariant)).toBe(multivariant)
})

test('one form serves all who came alike; lengths and tags are its own', () => {
  const steer = createSteer({ steering: place }, 'a')
  const exchange = { headers: { host: 'a' }, token: '' } as unknown as Exchange
  const steered = steer(exchange, multivariant)
  expect(steer(exchange, multivariant)).toBe(steered)
  expect(steered.length).toBe(steered.plain.body.length)
  expect(steered.plain.headers.at(-1)).toBe(String(steered.length))
  expect(steered.plain.etag).not.toBe(multivariant.plain.etag)
  expect(steered.plain.headers.filter((name) => name === 'etag')).toHaveLength(1)
})
