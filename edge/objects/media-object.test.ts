import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { testObject } from '../../test/kit/edge/media-object.ts'
import { representationOf } from './media-object.ts'
import type { Representation } from './representation.ts'

const header = ({ headers }: Representation, name: string) => {
  const at = headers.indexOf(name)
  return at < 0 ? undefined : headers[at + 1]
}
const text = Buffer.from('#EXTINF:2,\n'.repeat(100))

test('the gzip representation is made once and has its own tag', () => {
  const object = testObject({ body: text })
  const gzip = representationOf(object, true)
  expect(gunzipSync(gzip.body)).toEqual(text)
  expect(header(gzip, 'content-length')).toBe(String(gzip.body.length))
  expect(header(gzip, 'content-encoding')).toBe('gzip')
  expect(representationOf(object, true)).toBe(gzip)
  expect(header(representationOf(object, false), 'content-encoding')).toBeUndefined()
  expect(gzip.etag).not.toBe(object.plain.etag)
})

test('small playlists and media are not compressed', () => {
  expect(header(representationOf(testObject(), true), 'content-encoding')).toBeUndefined()
  const segment = testObject({ class: 'segment', body: text, contentType: 'video/mp4' })
  expect(header(representationOf(segment, true), 'content-encoding')).toBeUndefined()
  expect(header(representationOf(segment, true), 'vary')).toBeUndefined()
  expect(header(representationOf(segment, true), 'accept-ranges')).toBe('bytes')
})

test('a playlist that changed has a new tag', () => {
  const [one, two] = ['#EXTM3U\n#one', '#EXTM3U\n#two'].map((body) => testObject({ body: Buffer.from(body) }))
  expect(one?.plain.etag).toMatch(/^"[\w-]{16}"$/)
  expect(one?.plain.etag).not.toBe(two?.plain.etag)
})
